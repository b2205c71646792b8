import { catalogue } from '../../api/queries/catalogue.ts'
import { writeJson, writeText } from '../lib/files.ts'
import { latestMigration } from '../lib/migrations.ts'
import { FILES, type Implementation, readFindings, TYPED_LAYER } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { typedLayer } from '../lib/typedLayer.ts'

/** Writes the base: the typed query layer, and a migration with the indexes that were found missing. */
const { indexes } = readFindings()
const migration = indexes.length === 0 ? null : latestMigration() + 1
writeText(TYPED_LAYER, typedLayer(sampleStore(':memory:').database, catalogue.values()))
if (migration !== null) {
  const file = `migrations/${String(migration).padStart(3, '0')}-query-indexes.sql`
  const statements = indexes.map(({ query, sql }) => `-- For ${query}.\n${sql};\n`)
  writeText(file, statements.join('\n'))
  console.log(`wrote ${file}: ${indexes.map(({ name }) => name).join(', ')}`)
}
const implementation: Implementation = { migration, functions: catalogue.size }
writeJson(FILES.implementation, implementation)
console.log(`wrote ${TYPED_LAYER}: ${catalogue.size} functions`)
output({ functions: catalogue.size, migration: migration ?? 'none' })
