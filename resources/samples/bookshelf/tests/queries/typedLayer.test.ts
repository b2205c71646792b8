import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { catalogue, parseQueries } from '../../api/queries/catalogue.ts'
import { scratchFolder, writeText } from '../../scripts/lib/files.ts'
import { root } from '../../scripts/lib/project.ts'
import { sampleStore } from '../../scripts/lib/sampleStore.ts'
import { loadTyped, typedLayer } from '../../scripts/lib/typedLayer.ts'
import { byName, type Runner, rehearse, workload } from '../../scripts/lib/workload.ts'

const store = sampleStore(':memory:')
let typed: Runner

before(async () => {
  using scratch = scratchFolder()
  const path = join(scratch.path, 'typed.ts')
  writeText(path, typedLayer(store.database, catalogue.values(), join(root, 'api')))
  typed = await loadTyped(path)
})

for (const query of new Set(workload(1).map((step) => step.query)))
  test(`${query} answers the same through both layers`, () => {
    assert.deepEqual(answersTo(query, typed), answersTo(query, byName))
  })

/** All steps are run, since loans depend on returns; one query's answers are looked at. */
function answersTo(query: string, runner: Runner): unknown[] {
  const steps = workload(12)
  return rehearse(store, steps, runner).filter((_, i) => steps[i]?.query === query)
}

test('types come from the schema, or from the query where the schema cannot tell', () => {
  const [query] = parseQueries(
    '-- name: q :one\n-- column: n number\nSELECT l.id, l.returned, count(*) AS n FROM loans AS l;',
  )
  const text = typedLayer(store.database, [query!])
  assert.match(text, /readonly id: number\n {2}readonly returned: string \| null\n {2}readonly n: number\n/)
})

test('a computed column without a type is an error that says what to write', () => {
  const [query] = parseQueries('-- name: q :one\nSELECT count(*) AS n FROM loans AS l;')
  assert.throws(() => typedLayer(store.database, [query!]), /write "-- column: n TYPE"/)
})

const committed = join(root, 'api', 'queries', 'typed.ts')
if (existsSync(committed))
  test('the layer that is committed is the one that would be generated', () => {
    assert.equal(readFileSync(committed, 'utf8'), typedLayer(store.database, catalogue.values()))
  })
