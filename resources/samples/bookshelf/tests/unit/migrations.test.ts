import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { schemaVersion } from '../../api/database/store.ts'
import { shelfMark } from '../../api/library/shelfMark.ts'
import { restore } from '../../scripts/lib/dump.ts'
import { migrate, pendingMigrations, readMigrations } from '../../scripts/lib/migrations.ts'
import { columnNames, integrityProblems, tableState } from '../../scripts/lib/tables.ts'

const all = readMigrations()

test('an empty database takes all migrations, and then none', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  assert.equal(schemaVersion(database), all.length)
  assert.deepEqual(pendingMigrations(database), [])
})

test('the data of production come through the migrations whole', () => {
  const database = restore('production/database.sql', ':memory:')
  const [columns, before] = [columnNames(database, 'books'), tableState(database, 'books')]
  migrate(database)
  assert.deepEqual(tableState(database, 'books', columns), before)
  assert.deepEqual(integrityProblems(database), [])
})

test('shelf marks of old books are those that new books get', () => {
  const database = restore('production/database.sql', ':memory:')
  migrate(database)
  const sql = 'SELECT family, published, shelf_mark FROM books JOIN authors ON authors.id = author_id'
  for (const { family, published, shelf_mark } of database.prepare(sql).all())
    assert.equal(shelf_mark, shelfMark(String(family), Number(published)))
})

test('a migration that fails leaves the database as it was', () => {
  const database = new DatabaseSync(':memory:')
  const broken = {
    number: 2,
    name: 'broken',
    sql: 'CREATE TABLE half (id); SELECT * FROM nowhere',
    sha256: '',
  }
  assert.throws(() => migrate(database, [all[0]!, broken]), /nowhere/)
  assert.equal(schemaVersion(database), 0)
})

test('a migration edited after it was applied is found out', () => {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  const edited = all.map((migration) =>
    migration.number === 2 ? { ...migration, sha256: 'other' } : migration,
  )
  assert.throws(() => pendingMigrations(database, edited), /migration 2 \(lending\)/)
})
