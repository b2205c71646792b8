import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQueries, type Query } from '../../api/queries/catalogue.ts'
import { findMissingIndexes } from '../../scripts/lib/indexes.ts'
import { readMigrations } from '../../scripts/lib/migrations.ts'
import { moveCallers } from '../../scripts/lib/moveCallers.ts'
import { planOf } from '../../scripts/lib/plans.ts'
import { sampleStore } from '../../scripts/lib/sampleStore.ts'

const queryOf = (sql: string): Query => parseQueries(`-- name: q :many\n${sql};`)[0]!

/** The schema of version 2.0.0, whatever indexes came later. */
const sample = () => sampleStore(':memory:', readMigrations().slice(0, 4)).database

test('a comparison without an index gets one, with the order that is asked for', () => {
  const database = sample()
  const query = queryOf(
    'SELECT l.id FROM loans AS l WHERE l.member_id = :member ORDER BY l.lent DESC, l.id DESC',
  )
  const [found] = findMissingIndexes(database, [query])
  assert.equal(found?.sql, 'CREATE INDEX loans_by_member_id_lent ON loans (member_id, lent)')
  assert.deepEqual(planOf(database, query).scans, ['l'], 'looking changes nothing')
  database.exec(found.sql)
  const { walks, sorts } = planOf(database, query)
  assert.deepEqual([walks, sorts], [[], false])
})

test('where an index exists or cannot help, none is proposed', () => {
  const exists = queryOf('SELECT m.id FROM members AS m WHERE m.name = :name')
  const cannotHelp = queryOf("SELECT book.id FROM books AS book WHERE book.title LIKE '%x%'")
  assert.deepEqual(findMissingIndexes(sample(), [exists, cannotHelp]), [])
})

test('calls by name become calls of functions', () => {
  const text = `import { many, run } from '../queries/byName.ts'
many<{ id: number; names: Set<string> }>(store, 'findBook', { id })
run(store, 'addBook', draft)`
  assert.deepEqual(moveCallers(text), {
    text: `import * as queries from '../queries/typed.ts'
queries.findBook(store, { id })
queries.addBook(store, draft)`,
    calls: 2,
  })
})

test('what was moved is left alone', () => {
  const moved = "import * as queries from '../queries/typed.ts'\n"
  assert.deepEqual(moveCallers(moved), { text: moved, calls: 0 })
})
