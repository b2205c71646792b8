import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { planFor } from '../../main/config/planFor.ts'
import { load as loadProject } from '../../main/config/testing.ts'
import { runId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import { freePort } from '../../main/targets/testing/bench.ts'
import { type BenchData, benchData, fill, more } from '../support/benchData.ts'
import { BENCH_PROJECT, type BenchHost, openBenchHost } from '../support/benchHost.ts'
import {
  benchRepository,
  commitIn,
  gitIn,
  type Images,
  loadNotes,
  PER_SECOND,
  removeEverything,
  type UnderLoad,
  underLoad,
} from '../support/benchTarget.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { handPlace, type Scripted } from '../support/handPlace.ts'
import { rollbackByHand } from '../support/rollbackByHand.ts'
import { inTurn, median, pairedRatio } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const TARGET = 1.2
const name = 'bench'

/** A side: `ahead` releases v2, commits and writes, none of it measured; `back` is the way back. */
interface Side {
  readonly port: number
  ahead(): Promise<void>
  back(): Promise<Scripted>
  /** SQL as the superuser, on the database that is in its place. */
  sql(text: string): string
  readonly root: string
  close(): Promise<void>
}

/**
 * Code, image and data of a local service taken back to the point before its release, under load: by the command that
 * `amphi rollback` and the button send, once the plan was looked at, until the last step has verified it and that is on
 * record; beside a shell script that does the same.
 */
export async function rollingBack(images: Images, options: BenchOptions): Promise<Result> {
  const data = benchData(options.quick)
  const rounds = options.quick ? 3 : 7
  return inTemporaryFolder(async (folder) => {
    const sides = { ours: await program(folder, images, data), other: await script(folder, images, data) }
    try {
      const [base] = [...new Set(Object.values(sides).map(({ sql }) => sql('SELECT count(*) FROM orders')))]
      const megabytes = Number(sides.ours.sql('SELECT pg_database_size(current_database())')) / 1e6
      const round = (side: Side) => async (): Promise<UnderLoad<Scripted>> => {
        await side.ahead()
        const measured = await underLoad(side.port, () => side.back())
        await isBack(side, base!)
        options.progress(
          `${side.root.split('/').at(-1)}: ${measured.value.verifiedMs.toFixed(0)} ms, ${words(measured.value)}`,
        )
        return measured
      }
      const { ours, other } = await inTurn(
        { ours: round(sides.ours), other: round(sides.other) },
        { rounds, warmUp: 1 },
      )
      return resultOf({ rounds, megabytes }, ours, other)
    } finally {
      for (const side of Object.values(sides)) await side.close()
    }
  })
}

async function isBack({ port, root, sql }: Side, rows: string): Promise<void> {
  const found = {
    rows: sql('SELECT count(*) FROM orders'),
    version: await (await fetch(`http://127.0.0.1:${port}/`)).text(),
    commits: gitIn(root, 'log', '--format=%s', 'main'),
  }
  const wanted = { rows, version: 'v1', commits: 'first' }
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`it is not what it was: ${JSON.stringify(found)}`)
}

async function program(folder: string, images: Images, data: BenchData): Promise<Side> {
  const port = await freePort()
  const root = benchRepository(folder, 'ours')
  const bench = await openBenchHost(folder, root)
  const release = (version: keyof Images): Promise<void> =>
    bench.run(planOf(port, version, images[version], data))
  await release('v1')
  const sql = (text: string): string => psql(databaseAt(port), data, text)
  sql(fill(data))
  return {
    port,
    root,
    sql,
    ahead: async () => {
      await release('v2')
      dropKept(root)
      commitIn(root, 'second')
      sql(more(data))
    },
    back: () => goBack(bench),
    close: async () => {
      await bench.close()
      await removeEverything(folder)
    },
  }
}

/** Beside the proxy that answers at this port: what they are called only the program knows. */
function databaseAt(port: number): string {
  const ask = ['ps', '--filter', `publish=${port}`, '--format', '{{.Names}}']
  const proxy = execFileSync('docker', ask, { encoding: 'utf8' }).trim()
  return proxy.replace(/proxy$/, 'database')
}

function psql(container: string, data: BenchData, input: string): string {
  const ask = ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', data.name]
  return execFileSync('docker', ['exec', '-i', container, ...ask], { input, encoding: 'utf8' }).trim()
}

async function goBack(bench: BenchHost): Promise<Scripted> {
  const { center } = bench.host
  const { points } = stateFromJson(await center.snapshot()).projects.get(BENCH_PROJECT)!
  const point = points.findLast(({ why, release }) => why === 'deploy' && release?.version === 'v1')!
  const preview = await center.rollbackPreview({ project: BENCH_PROJECT, target: name, point: point.id })
  if (!preview.ok) throw new Error(preview.reason)
  const { plan, move } = preview
  if (move === null || plan.parts.length !== 3) throw new Error(`it goes back with ${plan.parts} only`)
  const happened = await bench.follow({
    type: 'rollback.start',
    project: BENCH_PROJECT,
    run: runId(`bench-${randomBytes(6).toString('hex')}`),
    target: name,
    point: point.id,
    digest: plan.digest,
    why: 'measured',
    move,
    incident: null,
  })
  const steps: Record<string, number> = {}
  let last = 0
  for (const { data, ms } of happened) {
    if (data.type !== 'agent.exited') continue
    steps[plan.steps[data.task]!.id] = ms - last
    last = ms
  }
  return { verifiedMs: last, steps }
}

/** What earlier rounds kept of the branch: every way back begins alike. */
function dropKept(root: string): void {
  const kept = gitIn(root, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/rollback/')
  if (kept !== '') gitIn(root, 'branch', '-qD', ...kept.split('\n'))
}

async function script(folder: string, images: Images, data: BenchData): Promise<Side> {
  const port = await freePort()
  const root = benchRepository(folder, 'theirs')
  const scratch = join(folder, 'by-hand')
  mkdirSync(scratch)
  const place = handPlace(scratch, port, `bench-${randomBytes(4).toString('hex')}`)
  const byHand = rollbackByHand(place, root, data)
  byHand.release(images.v1)
  byHand.sql(fill(data))
  return {
    port,
    root,
    sql: byHand.sql,
    ahead: () => {
      byHand.release(images.v2)
      dropKept(root)
      commitIn(root, 'second')
      byHand.sql(more(data))
      return Promise.resolve()
    },
    back: () => byHand.back(),
    close: () => {
      place.remove()
      return Promise.resolve()
    },
  }
}

type Measured = UnderLoad<Scripted>

function words({ steps }: Scripted): string {
  return Object.entries(steps)
    .map(([step, ms]) => `${step} ${ms.toFixed(0)}`)
    .join(', ')
}

function resultOf(
  { rounds, megabytes }: { readonly rounds: number; readonly megabytes: number },
  ours: readonly Measured[],
  other: readonly Measured[],
): Result {
  const ms = (all: readonly Measured[]): readonly number[] => all.map(({ value }) => value.verifiedMs)
  const steps = (all: readonly Measured[]): string => {
    const middle = (step: string): number => median(all.map(({ value }) => value.steps[step]!))
    const names = Object.keys(all[0]!.value.steps)
    return words({ verifiedMs: 0, steps: Object.fromEntries(names.map((step) => [step, middle(step)])) })
  }
  return {
    figure: 15,
    what: `rollback of code, image and data (PostgreSQL, ${megabytes.toFixed(0)} MB) at ${PER_SECOND} requests a second, sent to verified`,
    unit: 'ms',
    ours: { name: 'the program, with run, points and journals', value: median(ms(ours)) },
    other: { name: 'shell script with docker, psql, git and curl', value: median(ms(other)) },
    ratio: pairedRatio(ms(ours), ms(other)),
    target: { atMost: TARGET },
    how: `${rounds} rounds in turn after one to warm up, each from a release ahead of the point`,
    notes: [...loadNotes(ours, other), `steps, ms: ${steps(ours)}`, `with the script: ${steps(other)}`],
  }
}

function planOf(port: number, version: string, image: string, data: BenchData): Plan {
  const project = loadProject(`version: 1
agents: [{name: DeployCommander, role: Deployments}]
targets:
  ${name}:
    docker: {port: ${port}, service: {port: 3000, health: {path: /health, interval: 50ms}}}
    database: {kind: postgres, name: ${data.name}}
    verify: {paths: [/]}
    points: {keep: 3, aside: {keep: 1}}
epics:
  ship:
    phases:
      - {name: Ship, tasks: [{id: deploy, kind: deploy, target: ${name}, agent: DeployCommander, image: "${image}", version: ${version}}]}
`)
  return planFor(project, 'ship')!
}
