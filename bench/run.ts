import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { chat } from './figures/chat.ts'
import { noopContainers } from './figures/containers.ts'
import { deploying } from './figures/deploying.ts'
import { finishedTasks } from './figures/finished.ts'
import { firstPaint } from './figures/firstPaint.ts'
import { bigGraph, liveGraph } from './figures/frames.ts'
import { globs } from './figures/globs.ts'
import { noopGraph } from './figures/graph.ts'
import { idle } from './figures/idle.ts'
import { incidents } from './figures/incidents.ts'
import { latency } from './figures/latency.ts'
import { locks } from './figures/locks.ts'
import { merging } from './figures/merging.ts'
import { messages } from './figures/messages.ts'
import { oneAgent } from './figures/oneAgent.ts'
import { prediction, predictionOf } from './figures/prediction.ts'
import { recovery } from './figures/recovery.ts'
import { terminal } from './figures/terminal.ts'
import { transition } from './figures/transition.ts'
import { workspaceCost } from './figures/workspaceCost.ts'
import { describe, type Figure, isMet, isSkipped, type Result } from './support/figure.ts'

/**
 * `npm run bench -- [figure…]`: measures, prints both sides, their ratio and the target.
 * Never fails on a time: machines differ, and a missed target is for people to judge.
 */
const FIGURES: Readonly<Record<string, { readonly about: string; readonly measure: Figure }>> = {
  '1': { about: 'a durable transition, alone and saturated', measure: transition },
  '2': { about: 'a graph of 1,000 tasks that do nothing', measure: noopGraph },
  '3': { about: 'containers that do nothing', measure: noopContainers },
  '6': { about: 'recovery after kill -9, containers and processes', measure: recovery },
  '7': { about: 'whether a glob overlaps 1,000 held ones, and 10,000 holders', measure: globs },
  '8': { about: 'a lock taken and released, with a token', measure: locks },
  '9': { about: 'a message stored, delivered and acknowledged', measure: messages },
  '10': { about: 'dispatch after 100,000 finished tasks', measure: finishedTasks },
  '11': { about: 'a terminal end to end', measure: terminal },
  '12': { about: 'one agent through the program', measure: oneAgent },
  '13': { about: 'the views of 5,000 tasks beside 500', measure: bigGraph },
  '15': {
    about: 'a local service deployed, and gone back with code, image and data, under load',
    measure: deploying,
  },
  chat: { about: 'a hundred agents chatting, also beside one that floods', measure: chat },
  live: { about: 'frames a second of 1,000 tasks with 50 changes a second', measure: liveGraph },
  latency: { about: 'from an event to its pixels at 500 events a second', measure: latency },
  paint: { about: 'first paint with 10,000 events in the log', measure: firstPaint },
  idle: { about: 'idle CPU with 50 agents shown', measure: idle },
  incidents: { about: 'from an alert to its diagnosis, beside a run of the same checks', measure: incidents },
  prediction: {
    about: 'conflicts seen before they happen: precision, recall, cost a pair',
    measure: prediction,
  },
  merging: { about: 'eight merges on one check, beside one by one', measure: merging },
  workspace: { about: 'a workspace cut, committed and merged', measure: workspaceCost },
}

const HELP = `npm run bench -- [FIGURE…] [--quick] [--full] [--json FILE]
       npm run bench -- --repo DIR [--merges N]

Measures figures (all unless some are named), prints both sides, their ratio and the target.

${Object.entries(FIGURES)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

  --quick      fewer rounds and smaller sizes: a look, not a measurement
  --full       the sizes of the targets where they ask much of the machine (6: 100 containers, 900 processes)
  --json FILE  keeps the numbers
  --repo DIR   how well the conflicts of a repository's merges would have been seen before they happened
  --merges N   of how many of them, the newest first; 200 unless given

3, 6, 12, 15 and incidents need Docker; 11, 13, live, latency, paint and idle need a Chromium. See docs/benchmarks.md.`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    json: { type: 'string' },
    merges: { type: 'string', default: '200' },
    quick: { type: 'boolean', default: false },
    repo: { type: 'string' },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const { repo } = values
const merges = Number(values.merges)
if (!Number.isInteger(merges) || merges < 1) {
  console.error(`--merges ${values.merges} is not a number of merges: write for example 200.`)
  process.exit(2)
}
const all = repo === undefined ? Object.keys(FIGURES) : []
const names = positionals.length === 0 ? all : positionals
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
const progress = (line: string): void => console.error(`  … ${line}`)
if (repo !== undefined) {
  const result = await predictionOf(repo, merges, { progress })
  console.log(`\n${describe(result)}`)
  results.push(result)
}
for (const name of names) {
  const found = await FIGURES[name]!.measure({ quick: values.quick, full: values.full, progress })
  for (const result of found) console.log(`\n${describe(result)}`)
  results.push(...found)
}
if (values.json !== undefined) {
  const rows = results.map((result) => (isSkipped(result) ? result : { ...result, met: isMet(result) }))
  writeFileSync(values.json, `${JSON.stringify({ machine, quick: values.quick, results: rows }, null, 2)}\n`)
}
