import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { noopContainers } from './figures/containers.ts'
import { finishedTasks } from './figures/finished.ts'
import { noopGraph } from './figures/graph.ts'
import { oneAgent } from './figures/oneAgent.ts'
import { recovery } from './figures/recovery.ts'
import { transition } from './figures/transition.ts'
import { workspaceCost } from './figures/workspaceCost.ts'
import { describe, type Figure, isMet, isSkipped, type Result } from './support/figure.ts'

/**
 * `npm run bench -- [figure…] [--quick] [--json FILE]`: measures, prints both sides, their ratio and the target.
 * Never fails on a time: machines differ, and a missed target is for people to judge.
 */
const FIGURES: Readonly<Record<string, Figure>> = {
  '1': transition,
  '2': noopGraph,
  '3': noopContainers,
  '6': recovery,
  '10': finishedTasks,
  '12': oneAgent,
  workspace: workspaceCost,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const names = positionals.length === 0 ? Object.keys(FIGURES) : positionals
const unknown = names.filter((name) => !Object.hasOwn(FIGURES, name))
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}.`)
  process.exit(2)
}

const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
}
console.log(`${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`)
if (values.quick) console.log('quick: a look, not a measurement')

const results: Result[] = []
for (const name of names) {
  const found = await FIGURES[name]!({
    quick: values.quick,
    progress: (line) => console.error(`  … ${line}`),
  })
  for (const result of found) console.log(`\n${describe(result)}`)
  results.push(...found)
}
if (values.json !== undefined) {
  const rows = results.map((result) => (isSkipped(result) ? result : { ...result, met: isMet(result) }))
  writeFileSync(values.json, `${JSON.stringify({ machine, quick: values.quick, results: rows }, null, 2)}\n`)
}
