import { randomBytes } from 'node:crypto'
import { runId } from '../../main/domain/ids.ts'
import type { Incident } from '../../main/domain/incidents/incident.ts'
import type { Playbook } from '../../main/domain/incidents/playbook.ts'
import { DEFAULT_INCIDENTS } from '../../main/domain/incidents/policy.ts'
import type { Plan } from '../../main/domain/plan.ts'
import type { State } from '../../main/domain/state.ts'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { BENCH_PROJECT, type BenchHost, openBenchHost } from '../support/benchHost.ts'
import { dockerTrouble, rawContainer, TEST_IMAGE } from '../support/docker.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { type NodePage, openNodePage } from '../support/nodePage.ts'
import { benchPlan } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const WHAT = 'an alert sent to a webhook until a page has its diagnosis, five checks in containers'
const SAYS = 'echo cause=memory_leak >> "$AMPHITHEATRE_OUTPUT"; echo confidence=0.9 >> "$AMPHITHEATRE_OUTPUT"'
const CHECKS = ['a', 'b', 'c', 'd', 'e']

interface World {
  readonly bench: BenchHost
  readonly page: NodePage
  readonly plan: Plan
}

/**
 * From the request of an Alertmanager to the page's state, with the checks as real agents in containers; beside a run of
 * the same five tasks from its start until the page has their end: what an incident adds to them.
 */
export async function incidents(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: null, what: WHAT, why }]
  const rounds = options.quick ? 3 : 12
  return inTemporaryFolder(async (folder) => {
    const bench = await openBenchHost(folder)
    const page = await openNodePage(bench.host, folder)
    try {
      const tasks = CHECKS.map((id) => ({ id, run: SAYS }))
      const world = { bench, page, plan: benchPlan(tasks, { slots: tasks.length, image: TEST_IMAGE }) }
      await configure(world)
      let alerts = 0
      const sides = {
        ours: () => diagnosed(world, ++alerts),
        other: () => run(world),
        docker: () => timed(() => Promise.all(CHECKS.map(() => bare()))),
      }
      return [resultOf(rounds, await inTurn(sides, { rounds, warmUp: 1 }))]
    } finally {
      await page.close()
      await bench.close()
    }
  })
}

function resultOf(
  rounds: number,
  { ours, other, docker }: Readonly<Record<'ours' | 'other' | 'docker', readonly number[]>>,
): Result {
  return {
    figure: null,
    what: WHAT,
    unit: 'ms',
    ours: { name: 'webhook to diagnosis in the page', value: median(ours) },
    other: { name: 'a run of the same tasks, started to ended in the page', value: median(other) },
    ratio: pairedRatio(ours, other),
    target: null,
    how: `${rounds} rounds in turn after one to warm up, each begun when all of before is tidied up`,
    notes: [
      `the five containers alone, created, started, waited for and removed at once: ${median(docker).toFixed(0)} ms`,
    ],
  }
}

async function configure({ bench: { host }, plan }: World): Promise<void> {
  const { epic: _, title: __, phases: ___, tasks, ...base } = plan
  const playbook: Playbook = {
    name: 'bench',
    title: 'Benchmark',
    match: { severity: null, labels: {}, target: null },
    broadcast: false,
    checks: tasks,
    diagnosis: [],
    remedies: [],
    verify: [],
    enough: 1,
  }
  const policy = { ...DEFAULT_INCIDENTS, playbooks: [playbook] }
  const setup = { runner: 'docker', base, targets: [], people: {}, incidents: policy, epics: [] }
  await host.center.dispatch({ command: { type: 'project.configure', project: BENCH_PROJECT, setup } })
}

const lastOf = (state: State): Incident | undefined => state.projects.get(BENCH_PROJECT)?.incidents.at(-1)

async function diagnosed({ bench: { host }, page }: World, n: number): Promise<number> {
  let shown: Incident | undefined
  const isShown = (state: State): boolean => {
    const last = lastOf(state)
    if (last?.title !== `Bench ${n}` || last.diagnosis === null) return false
    shown = last
    return true
  }
  const took = await timed(async () => {
    const seen = page.shows(isShown)
    await page.alert(BENCH_PROJECT, alert(n))
    await seen
  })
  const causes = shown!.findings.map(({ cause }) => cause)
  if (causes.length !== CHECKS.length || causes.some((cause) => cause !== 'memory_leak'))
    throw new Error(`${shown!.id}: found ${causes.join(', ')}`)
  await host.idle()
  const close = {
    type: 'incident.close',
    project: BENCH_PROJECT,
    incident: shown!.id,
    reason: 'over',
  } as const
  await host.center.dispatch({ command: close })
  return took
}

/** Until the page has the last of them as ended. */
async function run({ bench: { host }, page, plan }: World): Promise<number> {
  const id = runId(`bench-${randomBytes(6).toString('hex')}`)
  const command = { type: 'run.start', project: BENCH_PROJECT, run: id, runner: 'docker', plan } as const
  let isThere = false
  const took = await timed(async () => {
    const seen = page.shows(({ runs }) => {
      const known = runs.get(id)
      isThere ||= known !== undefined
      return isThere && (known === undefined || known.endedAt !== null)
    })
    const outcome = await host.center.dispatch({ command })
    if (!outcome.ok) throw new Error(outcome.reason)
    await seen
  })
  await host.idle()
  return took
}

async function bare(): Promise<void> {
  const { docker, close } = connectDocker()
  try {
    await rawContainer(docker, {
      Image: TEST_IMAGE,
      Cmd: ['sh', '-c', 'true'],
      Labels: { 'amphitheatre.bench': 'incidents' },
      HostConfig: { NetworkMode: 'none' },
    })
  } finally {
    close()
  }
}

function alert(n: number): unknown {
  const startsAt = new Date().toISOString()
  const labels = { alertname: `Bench${n}`, severity: 'critical' }
  const one = {
    status: 'firing',
    labels,
    annotations: { summary: `Bench ${n}` },
    startsAt,
    fingerprint: `${n}`,
  }
  return { version: '4', groupKey: `bench-${n}`, status: 'firing', alerts: [one] }
}
