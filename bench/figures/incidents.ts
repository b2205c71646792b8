import { AlertInbox } from '../../main/api/hooks/alertInbox.ts'
import type { IncomingAlert } from '../../main/domain/incidents/incidentCommands.ts'
import type { Playbook } from '../../main/domain/incidents/playbook.ts'
import { DEFAULT_INCIDENTS } from '../../main/domain/incidents/policy.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import { BENCH_PROJECT, type BenchHost, openBenchHost } from '../support/benchHost.ts'
import { dockerTrouble, TEST_IMAGE } from '../support/docker.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { benchPlan } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const WHAT = 'an alert received until its diagnosis is on record, four checks in containers'
const SAYS = 'echo cause=memory_leak >> "$AMPHITHEATRE_OUTPUT"; echo confidence=0.9 >> "$AMPHITHEATRE_OUTPUT"'

/** Beside a run of the same four tasks: what an incident adds to them. */
export async function incidents(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: null, what: WHAT, why }]
  const rounds = options.quick ? 3 : 12
  return inTemporaryFolder(async (folder) => {
    const bench = await openBenchHost(folder)
    try {
      const tasks = ['a', 'b', 'c', 'd'].map((id) => ({ id, run: SAYS }))
      const plan = benchPlan(tasks, { slots: 4, image: TEST_IMAGE })
      await configure(bench, plan)
      let alerts = 0
      const { ours, other } = await inTurn(
        { ours: () => timed(() => diagnosed(bench, ++alerts)), other: () => timed(() => bench.run(plan)) },
        { rounds, warmUp: 1 },
      )
      const how = `${rounds} pairs in turn after one to warm up; both until containers are removed`
      const sides = {
        ours: { name: 'alert to diagnosis', value: median(ours) },
        other: { name: 'a run of the same tasks', value: median(other) },
      }
      const ratio = pairedRatio(ours, other)
      return [{ figure: null, what: WHAT, unit: 'ms', ...sides, ratio, target: null, how, notes: [] }]
    } finally {
      await bench.close()
    }
  })
}

async function configure({ host: { center } }: BenchHost, plan: Plan): Promise<void> {
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
  await center.dispatch({ command: { type: 'project.configure', project: BENCH_PROJECT, setup } })
}

async function diagnosed({ host }: BenchHost, n: number): Promise<void> {
  const { center } = host
  const enginePid = process.pid
  const status = { status: 'connected', center, enginePid } as const
  const inbox = new AlertInbox({ status, onChange: () => () => undefined, close: async () => undefined })
  const taken = await inbox.take(BENCH_PROJECT, 'bench', [alert(n)])
  if (!taken.ok) throw new Error(taken.reason)
  await host.idle()
  const state = stateFromJson(await center.snapshot())
  const incident = state.projects.get(BENCH_PROJECT)!.incidents.at(-1)!
  const cause = incident.diagnosis?.causes[0]?.cause
  if (cause !== 'memory_leak') throw new Error(`${incident.id}: ${cause ?? 'no diagnosis'}`)
  const close = {
    type: 'incident.close',
    project: BENCH_PROJECT,
    incident: incident.id,
    reason: 'over',
  } as const
  await center.dispatch({ command: close })
}

function alert(n: number): IncomingAlert {
  const name = `Bench${n}`
  const startsAt = Date.now()
  const what = { name, summary: name, labels: {}, url: null, group: name }
  return { fingerprint: name, status: 'firing', ...what, startsAt, endsAt: null }
}
