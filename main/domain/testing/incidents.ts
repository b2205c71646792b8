import type { Command } from '../commands.ts'
import type { RunId } from '../ids.ts'
import type { Incident } from '../incidents/incident.ts'
import type { IncomingAlert } from '../incidents/incidentCommands.ts'
import type { CauseRow, Playbook, Remedy } from '../incidents/playbook.ts'
import { DEFAULT_INCIDENTS, type IncidentPolicy } from '../incidents/policy.ts'
import type { ProjectSetup } from '../setup/setup.ts'
import type { TargetSpec } from '../targets/target.ts'
import { type Driver, PROJECT } from './driver.ts'
import { type PlanOptions, tasks } from './plan.ts'
import { at, exited, started } from './steps.ts'

export const SHOP: TargetSpec = {
  name: 'shop',
  title: 'Shop',
  place: {
    kind: 'ssh',
    host: 'shop',
    commands: { deploy: 'd', rollback: null, restart: 'r', health: null },
    url: null,
  },
  database: null,
  verify: {
    paths: [],
    run: null,
    image: null,
    settleMs: 0,
    timeoutMs: 1_000,
  } as unknown as TargetSpec['verify'],
  points: { keep: 3, maxAgeMs: null, test: null, remote: null },
  gates: [],
  envFiles: [],
}

const ROLES: PlanOptions = {
  roles: {
    MonitoringSentinel: { responsibilities: ['Incident detection'] },
    DeployCommander: {},
    DatabaseArchitect: {},
  },
}

const ROWS: readonly CauseRow[] = [
  {
    cause: 'bad_migration',
    title: 'Bad migration',
    needs: [{ check: 'queries', says: ['bad_migration'] }],
    signs: [
      { check: 'queries', says: ['bad_migration'], weight: 0.9 },
      { check: 'deploys', says: ['recent_deploy'], weight: 0.4 },
    ],
    against: [],
  },
  {
    cause: 'memory_leak',
    title: 'Memory leak',
    needs: [],
    signs: [{ check: null, says: ['memory_leak'], weight: 0.9 }],
    against: [{ check: 'queries', says: ['bad_migration'], weight: 0.5 }],
  },
]

export const REMEDIES: readonly Remedy[] = [
  {
    cause: 'bad_migration',
    title: 'Roll back',
    act: { do: 'rollback' },
    approval: 'person',
    irreversible: ['mails'],
  },
  {
    cause: 'memory_leak',
    title: 'Restart containers',
    act: { do: 'restart' },
    approval: 'person',
    irreversible: [],
  },
]

/** Two checks: `deploys` by DeployCommander, `queries` by DatabaseArchitect. */
export function playbook(more: Partial<Playbook> = {}): Playbook {
  const { tasks: checks } = tasks(['deploys', 'queries'], {
    ...ROLES,
    with: { deploys: { role: 'DeployCommander' }, queries: { role: 'DatabaseArchitect' } },
    all: { allowFailure: true, priority: 0, onLost: 'retry' },
  })
  const match = { severity: null, labels: {}, target: null }
  const rest = { broadcast: true, checks, diagnosis: ROWS, remedies: REMEDIES, verify: [], enough: 0.8 }
  return { name: 'scenario-2', title: 'Scenario 2', match, ...rest, ...more }
}

export function setup(policy: Partial<IncidentPolicy> = {}): ProjectSetup {
  const { epic: _, title: __, phases: ___, tasks: ____, ...base } = tasks(['a'], ROLES)
  const incidents = { ...DEFAULT_INCIDENTS, playbooks: [playbook()], ...policy }
  return {
    runner: 'simulated',
    base,
    targets: [SHOP],
    people: { 'Context Manager': 'Ada' },
    incidents,
    epics: [],
  }
}

export function configure(driver: Driver, policy: Partial<IncidentPolicy> = {}): void {
  driver.must({ type: 'project.configure', project: PROJECT, setup: setup(policy) })
}

export function alert(name: string, more: Partial<IncomingAlert> = {}): IncomingAlert {
  return {
    fingerprint: name,
    status: 'firing',
    name,
    summary: `${name} fires`,
    labels: { alertname: name, severity: 'critical' },
    url: null,
    group: `group of ${name}`,
    startsAt: 1_000,
    endsAt: null,
    ...more,
  }
}

export function received(...alerts: readonly IncomingAlert[]): Command {
  return { type: 'alerts.receive', project: PROJECT, from: 'alertmanager', alerts: [...alerts] }
}

export function open(more: Partial<Extract<Command, { type: 'incident.open' }>['incident']> = {}): Command {
  const incident = { severity: 'P0' as const, title: 'Checkout fails', text: '', target: 'shop', ...more }
  return { type: 'incident.open', project: PROJECT, incident }
}

export function decide(choice: string, incident = 'i1'): Command {
  return { type: 'incident.decide', project: PROJECT, incident, choice }
}

export function incidents(driver: Driver): readonly Incident[] {
  return driver.state.projects.get(PROJECT)!.incidents
}

export function incident(driver: Driver, id = 'i1'): Incident {
  return incidents(driver).find((one) => one.id === id)!
}

/** The task of a run starts where need be and ends with these outputs. */
export function told(
  driver: Driver,
  run: RunId,
  task: string,
  outputs: Readonly<Record<string, string>>,
  code = 0,
): void {
  if (driver.attempt(task, run).startedAt === null) driver.must(started(at(driver, task, run)))
  driver.must(exited(at(driver, task, run), code, { outputs }))
}
