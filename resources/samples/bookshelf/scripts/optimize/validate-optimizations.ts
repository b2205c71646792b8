import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../api/database/store.ts'
import { catalogue } from '../../api/queries/catalogue.ts'
import { scratchFolder, writeText } from '../lib/files.ts'
import { readFindings, readStatements, TYPED_LAYER } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { planOf } from '../lib/plans.ts'
import { root } from '../lib/project.ts'
import { loadTyped } from '../lib/typedLayer.ts'
import { rehearse, workload } from '../lib/workload.ts'

/** Does the first day's work again, on staging as it is now, and compares. */
using scratch = scratchFolder()
const path = join(scratch.path, 'staging.db')
cpSync('staging/staging.db', path)
const store = openStore(path)
const findings = readFindings()
const reading = [...catalogue.values()].filter((query) => planOf(store.database, query).walks.length > 0)
const unexpected = reading.filter(({ name }) => !(name in findings.remaining)).map(({ name }) => name)
rehearse(store, workload(), await loadTyped(join(root, TYPED_LAYER)))

const now = new Map(store.statistics.ranking().map(({ name, total }) => [name, total]))
const rows = readStatements().map(({ name, total }) => ({ name, before: total, after: now.get(name) ?? 0 }))
const helped = findings.indexes.map(({ query }) => query)
const slower = rows
  .filter(({ name, before, after }) => helped.includes(name) && after > before)
  .map(({ name }) => name)
writeText('optimization/README.md', report())
console.log(report())
output({ helped: helped.length, unexpected_scans: unexpected.length, slower: slower.length })
if (unexpected.length + slower.length > 0)
  throw new Error(`not as promised: ${[...unexpected, ...slower].join(', ')}`)

function report(): string {
  const line = ({ name, before, after }: (typeof rows)[number]): string =>
    `| ${name} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${(before / after).toFixed(1)} × |`
  return `# What the optimisation brought

One day's work on the sample database, milliseconds for all calls of a query together.

| query | before | after | faster |
|---|---|---|---|
${rows.map(line).join('\n')}

Indexes added: ${findings.indexes.map(({ name }) => `\`${name}\``).join(', ') || 'none'}.
Read a whole table or index all the same, because none helps: ${Object.keys(findings.remaining).join(', ') || 'nothing'}.
`
}
