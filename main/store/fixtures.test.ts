import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { commandId } from '../domain/ids.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { fullBatch, sampleRun } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'

const folder = fileURLToPath(new URL('fixtures/', import.meta.url))
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.database'))

test('every shape has a database that is kept', () => {
  expect(fixtures.sort()).toEqual(MIGRATIONS.map(({ number }) => `v${number}.database`).sort())
})

describe.each(fixtures)('%s', (name) => {
  test('opens, tells what it told, and takes more', async () => {
    const file = join(tempFolder(), name)
    copyFileSync(join(folder, name), file)
    const store = await openSqliteStore({ file })
    expect(await store.integrityCheck()).toEqual([])
    expect(await store.lastSeq()).toBe(61)
    const events = await store.read({ after: 0 })
    const { events: first, taskRows } = fullBatch(1, 60)
    expect(events.slice(0, 60)).toEqual(first)
    expect(events[60]).toMatchObject({ seq: 61, project: null, run: null })
    expect(await store.read({ after: 58, run: first[0]!.run! })).toEqual(first.slice(58))
    expect(await store.tasks(first[0]!.run!)).toHaveLength(taskRows.length)
    const runs = await store.runs({})
    expect(runs.map((row) => row.run)).toEqual([sampleRun(2).run, sampleRun(1).run])
    expect(runs[1]).toMatchObject({ status: 'completed', summary: '{"completed":60}' })
    expect(await store.outcome(commandId('refused-1'))).toBe('{"ok":false}')
    expect(await store.keyFrame()).toEqual({ seq: 60, json: '{"seq":60}' })
    expect(await store.getMeta('install')).toBe('fixture')
    await store.append(fullBatch(62, 1))
    await store.close()
  })
})
