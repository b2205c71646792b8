import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectRecord } from '../domain/state.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import type { Runner } from '../engine/ports/runner.ts'
import { fileSchedules } from './fileSchedules.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'amphi-schedules-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const FILE = `version: 1
name: p
extends: amphitheatre-devops
schedules:
  nightly: {cron: "@daily", task: {agent: BackupKeeper, run: ./backup.sh, workspace: none}}
`
const runners = (ready: boolean): ReadonlyMap<string, Runner> =>
  new Map([
    [
      'docker',
      {
        check: async () =>
          ready
            ? { status: 'ready', version: '1' }
            : { status: 'unavailable', reason: 'Docker is off', remedy: 'Start it.' },
      } as unknown as Runner,
    ],
  ])

function project(known: readonly string[] = []): ProjectRecord {
  const record = new Driver().state.projects.get(PROJECT)!
  const items = Object.fromEntries(known.map((name) => [name, { source: 'file', spec: { name } } as never]))
  return { ...record, root, schedules: { items, trouble: {} } }
}

test('what the file says, read again when it changes', async () => {
  const source = fileSchedules({}, runners(true))
  expect(await source.schedules(project())).toEqual({ ok: true, specs: [] })
  writeFileSync(join(root, 'amphitheatre.yaml'), FILE)
  expect(await source.schedules(project())).toMatchObject({
    ok: true,
    specs: [{ name: 'nightly', cron: '@daily' }],
  })
  writeFileSync(join(root, 'amphitheatre.yaml'), `${FILE}  weekly: {cron: "@weekly", epic: none}\n`)
  const broken = await source.schedules(project(['nightly']))
  expect(broken).toMatchObject({ ok: false, detail: expect.stringContaining('unknown epic "none"') })
  rmSync(join(root, 'amphitheatre.yaml'))
  expect(await source.schedules(project(['nightly']))).toMatchObject({
    ok: false,
    detail: expect.stringContaining('is gone'),
  })
})

test('a folder that is another project’s by now has none of this one', async () => {
  writeFileSync(join(root, 'amphitheatre.yaml'), FILE.replace('name: p', 'name: q'))
  expect(await fileSchedules({}, runners(true)).schedules(project(['nightly']))).toEqual({
    ok: true,
    specs: [],
  })
})

test('the plan is made from the file as it is at that moment', async () => {
  writeFileSync(join(root, 'amphitheatre.yaml'), FILE)
  const planned = await fileSchedules({}, runners(true)).plan(project(), 'nightly')
  expect(planned).toMatchObject({
    ok: true,
    runner: 'docker',
    plan: { epic: 'nightly', tasks: [{ id: 'nightly', role: 'BackupKeeper', run: './backup.sh' }] },
  })
  expect(await fileSchedules({}, runners(true)).plan(project(), 'gone')).toMatchObject({ ok: false })
  expect(await fileSchedules({}, runners(false)).plan(project(), 'nightly')).toEqual({
    ok: false,
    detail: 'docker: Docker is off',
    remedy: 'Start it.',
  })
})
