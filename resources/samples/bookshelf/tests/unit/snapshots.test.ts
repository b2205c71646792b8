import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dump, restore } from '../../scripts/lib/dump.ts'
import { scratchFolder, writeText } from '../../scripts/lib/files.ts'
import { seededStore } from '../../scripts/lib/seed.ts'
import { differences, takeSnapshot, verifySnapshot } from '../../scripts/lib/snapshots.ts'
import { tableStates } from '../../scripts/lib/tables.ts'

test('a dump brings back the same database', () => {
  using scratch = scratchFolder()
  const { database } = seededStore(':memory:')
  const file = join(scratch.path, 'dump.sql')
  writeText(file, dump(database))
  const restored = restore(file, ':memory:')
  assert.deepEqual(differences(tableStates(database), tableStates(restored)), [])
  assert.equal(dump(restored), dump(database))
})

test('a snapshot is proved by restoring it', () => {
  using scratch = scratchFolder()
  takeSnapshot(seededStore(':memory:').database, scratch.path, 'first')
  assert.deepEqual(verifySnapshot(scratch.path, 'first'), [])
})

test('a damaged snapshot is found out', () => {
  using scratch = scratchFolder()
  const { file } = takeSnapshot(seededStore(':memory:').database, scratch.path, 'first')
  appendFileSync(join(scratch.path, file), 'x')
  assert.deepEqual(verifySnapshot(scratch.path, 'first'), ['the file is not the one that was written'])
})

test('other data are told apart table by table', () => {
  const { database } = seededStore(':memory:')
  const before = tableStates(database)
  database.exec("UPDATE books SET title = 'Other' WHERE id = 1")
  assert.deepEqual(differences(before, tableStates(database)), ['books differs'])
})
