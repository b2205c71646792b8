import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBusDatabase } from './busDatabase.ts'
import { createEmbeddedBus } from './embedded.ts'
import { type BusBench, busContract, collector, record } from './testing/busContract.ts'

async function bench(): Promise<BusBench> {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-bus-'))
  const file = join(folder, 'bus.db')
  let database = openBusDatabase(file)
  let topics = 0
  return {
    open: async () => createEmbeddedBus(database.db),
    reopen: async () => {
      database.db.close()
      database = openBusDatabase(file)
      return createEmbeddedBus(database.db)
    },
    topic: () => `topic.${++topics}`,
    close: async () => {
      database.db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

busContract('embedded', bench)

test('old records go when every group has taken them', async () => {
  const { db } = openBusDatabase(':memory:')
  const bus = createEmbeddedBus(db)
  const got = collector()
  const member = await bus.subscribe({ topic: 't.t', group: 'g' }, got.handler)
  await bus.publish([record('t.t', 1), record('t.t', 2)])
  await got.when(2)
  await member.close()
  await bus.publish([record('t.t', 3)])
  bus.prune(30 * 24 * 3_600_000)
  expect(db.prepare('SELECT n FROM records').pluck().all()).toEqual([3])
  await bus.close()
  db.close()
})

test('a file that cannot be used is kept, and a new one begun', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-bus-'))
  const file = join(folder, 'bus.db')
  const first = openBusDatabase(file)
  first.db.pragma('user_version = 9')
  first.db.close()
  const { db, note } = openBusDatabase(file)
  expect(note).toContain('version 9')
  db.close()
  rmSync(folder, { recursive: true, force: true })
})
