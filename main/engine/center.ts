import { statfs } from 'node:fs/promises'
import type { Outcome } from '../domain/commands.ts'
import { DEFAULT_HEALTH } from '../domain/health/policy.ts'
import {
  type AttemptId,
  type CommitId,
  commandId,
  type ProjectId,
  parseAttemptId,
  type RunId,
} from '../domain/ids.ts'
import { stateToJson } from '../domain/serialise.ts'
import type { State } from '../domain/state.ts'
import type { ControlCenter, EngineHealth, PointsRequest } from './controlCenter.ts'
import { EventFeed } from './feed.ts'
import { personName } from './personName.ts'
import type { AgentFiles } from './ports/agentFiles.ts'
import type { CommitsBetween, PointCommits } from './ports/pointCommits.ts'
import type { RollbackPreview } from './ports/rollbackPreview.ts'
import type { Runner, RunnerHealth } from './ports/runner.ts'
import type { SeriesPoint, SeriesQuery } from './ports/series.ts'
import type { Store } from './ports/store.ts'
import type { SightRequest, TargetAccess, TargetSight } from './ports/targets.ts'
import type { Workspaces } from './ports/workspaces.ts'
import { readPatch } from './readPatch.ts'
import type { RunningEngine } from './startEngine.ts'
import { readTerminal } from './terminal.ts'
import { MachineMeter, UsageMeter } from './usage.ts'
import { NOTHING_KNOWN, type Vitals } from './vitals.ts'
import { TARGET_RUNNER } from './world.ts'

interface Shared {
  readonly store: Store
  readonly workspaces: Workspaces
  readonly files: AgentFiles
  readonly dataDir: string
  readonly version: string
  /** Takes out of text that agents wrote what looks like a credential. */
  readonly redact: (text: Buffer) => Buffer
}

type Queries = Pick<ControlCenter, 'snapshot' | 'history' | 'runs' | 'tasks' | 'terminal' | 'diff' | 'patch'>

function queries(parts: Shared, state: () => State): Queries {
  const { store, workspaces, files, redact } = parts
  return {
    snapshot: async () => stateToJson(state()),
    history: (query) => store.read(query),
    runs: (query) => store.runs(query),
    tasks: (run) => store.tasks(run),
    terminal: (request, signal) => terminalOf(store, files, state, request, signal),
    diff: async ({ project, run }) => {
      const root = state().projects.get(project)?.root ?? '/'
      return workspaces.diff({ project, run, root })
    },
    patch: async ({ project, hash }) => readPatch(await workspaces.artifactPath(project, hash), redact),
  }
}

async function* terminalOf(
  store: Store,
  files: AgentFiles,
  state: () => State,
  request: Parameters<ControlCenter['terminal']>[0],
  signal: AbortSignal,
): ReturnType<ControlCenter['terminal']> {
  const project = await projectOf(store, state(), request.attempt)
  if (project !== undefined) yield* readTerminal(files, project, state, request, signal)
}

async function projectOf(store: Store, state: State, attempt: AttemptId): Promise<ProjectId | undefined> {
  const run = parseAttemptId(attempt)?.run
  if (run === undefined) return undefined
  const live = state.runs.get(run)
  if (live !== undefined) return live.project
  const [first] = await store.read({ after: 0, limit: 1, run })
  return first?.project ?? undefined
}

export interface RunningCenterParts extends Shared {
  readonly engine: RunningEngine
  readonly runners: ReadonlyMap<string, Runner>
  /** What people should know that stops nothing, in words: telemetry set aside, samples dropped. */
  readonly notes: () => readonly string[]
  /** Absent where none are kept. */
  readonly series?: (query: SeriesQuery) => readonly SeriesPoint[]
  /** Absent where no context is kept. */
  readonly rebuildContext?: ControlCenter['rebuildContext']
  /** Absent where nothing outside can be looked at. */
  readonly rollbackPreview?: ControlCenter['rollbackPreview']
  readonly commits?: Pick<PointCommits, 'between'>
  /** Absent where there are no targets. */
  readonly targets?: TargetAccess
}

/** The control center of an engine that runs in this process. */
export function runningCenter(parts: RunningCenterParts): ControlCenter {
  const { engine, runners, dataDir } = parts
  const runnerFor = (attempt: AttemptId): Runner => {
    const run = engine.state.runs.get(parseAttemptId(attempt)?.run as RunId)
    const runner = run === undefined ? undefined : runners.get(run.runner)
    if (runner === undefined) throw new Error(`${attempt} is not running`)
    return runner
  }
  const usage = new UsageMeter(() => engine.state, runners)
  const machine = new MachineMeter()
  return {
    ...queries(parts, () => engine.state),
    usage: () => usage.read(),
    vitals: async () => engine.vitals(),
    series: async (query) => parts.series?.(query) ?? [],
    rebuildContext: parts.rebuildContext ?? noContext,
    rollbackPreview: parts.rollbackPreview ?? noPreview,
    commitsBetween: (of) => commitsBetween(parts.commits, engine.state, of),
    targetSight: (of) => sightOf(parts.targets, engine.state, of),
    dispatch: ({ command, actor, id }) =>
      engine.dispatch(command, actor ?? localActor(), id ?? commandId(crypto.randomUUID())),
    events: (from, signal) => engine.events(from, signal),
    input: async (attempt, data) => runnerFor(attempt).input(attempt, data),
    resize: async (attempt, columns, rows) => runnerFor(attempt).resize(attempt, columns, rows),
    health: async () => ({
      version: parts.version,
      pid: process.pid,
      dataDir,
      engine: healthOf(engine),
      runners: await runnersHealth(runners),
      diskFreeBytes: await freeBytes(dataDir),
      notes: parts.notes(),
      machine: machine.read(),
    }),
  }
}

export interface PassiveCenterParts extends Shared {
  readonly state: State
  readonly targets?: TargetAccess
  readonly commits?: Pick<PointCommits, 'between'>
}

/** What can be looked at while no engine runs: everything but acting. */
export function passiveCenter(parts: PassiveCenterParts): ControlCenter {
  const { store, state, dataDir } = parts
  const refusal: Outcome = { ok: false, rejected: 'not-now', reason: 'no engine is running' }
  const notRunning = async (): Promise<never> => {
    throw new Error('no engine is running')
  }
  return {
    ...queries(parts, () => state),
    terminal: (request, signal) =>
      terminalOf(store, parts.files, () => state, { ...request, follow: false }, signal),
    usage: async () => [],
    vitals: async () => onRecord(state),
    series: async () => [],
    rebuildContext: notRunning,
    rollbackPreview: async () => ({ ok: false, reason: 'no engine is running' }),
    commitsBetween: (of) => commitsBetween(parts.commits, state, of),
    targetSight: (of) => sightOf(parts.targets, state, of),
    dispatch: async () => refusal,
    events: (from, signal) => new EventFeed(store).from(from, signal),
    input: notRunning,
    resize: notRunning,
    health: async () => ({
      version: parts.version,
      pid: process.pid,
      dataDir,
      engine: { status: 'stalled', reason: 'no engine is running', remedy: 'Start one with amphi resume.' },
      runners: {},
      diskFreeBytes: await freeBytes(dataDir),
      notes: [],
      machine: new MachineMeter().read(),
    }),
  }
}

async function noPreview(): Promise<RollbackPreview> {
  return { ok: false, reason: 'this engine cannot look at targets' }
}

/** Without an engine: what is on record, and no figures. */
function onRecord(state: State): Vitals {
  const { intervalMs, windowMs } = DEFAULT_HEALTH
  const projects = [...state.projects.values()].map(({ id, name, health: { alarms, slots, actions } }) => ({
    project: id,
    name,
    intervalMs,
    windowMs,
    figures: [],
    escalationRate: null,
    alarms: Object.values(alarms),
    slots,
    actions,
  }))
  return { at: null, projects, agents: [], host: NOTHING_KNOWN }
}

async function noContext(): Promise<never> {
  throw new Error('this engine keeps no context')
}

/** That it cannot be looked at is something to be told, not an error. */
async function sightOf(
  targets: TargetAccess | undefined,
  state: State,
  { project, target, aside = false }: SightRequest,
): Promise<TargetSight | null> {
  const record = state.projects.get(project)?.targets[target]
  if (record === undefined || targets === undefined) return null
  try {
    const [sight, found] = await Promise.all([
      targets.see(project, record.spec),
      aside ? asideOf(targets, state, { project, target }) : undefined,
    ])
    return found === undefined ? sight : { ...sight, aside: found }
  } catch (error) {
    const { message } = error as Error
    return {
      address: null,
      healthy: null,
      words: `it cannot be looked at: ${message}`,
      version: null,
      parts: [],
    }
  }
}

async function asideOf(
  targets: TargetAccess,
  state: State,
  { project, target }: SightRequest,
): Promise<TargetSight['aside']> {
  const known = state.projects.get(project)!
  const points = known.points.filter((point) => point.target === target)
  // How it is, is to be seen all the same.
  return (await targets.aside?.(project, known.targets[target]!.spec, points).catch(() => null)) ?? null
}

function localActor(): string {
  return `person:${personName()}`
}

function healthOf(engine: RunningEngine): EngineHealth['engine'] {
  const { status } = engine
  return status.status === 'running'
    ? status
    : { status: 'stalled', reason: status.reason, remedy: status.remedy }
}

async function runnersHealth(runners: ReadonlyMap<string, Runner>): Promise<Record<string, RunnerHealth>> {
  // What the program does itself is always ready, and nothing to choose.
  const places = [...runners].filter(([kind]) => kind !== TARGET_RUNNER)
  const entries = places.map(async ([kind, runner]) => [kind, await runner.check()] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Free bytes where `dir` lies; null if the system does not tell. */
export async function freeBytes(dir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dir)
    return bavail * bsize
  } catch {
    return null
  }
}

async function commitsBetween(
  commits: Pick<PointCommits, 'between'> | undefined,
  state: State,
  { project, from, to }: PointsRequest,
): Promise<CommitsBetween | null> {
  const points = state.projects.get(project)?.points ?? []
  const [a, b] = [from, to].map((id) => points.find((point) => point.id === id)?.git?.commit)
  if (commits === undefined || a === undefined || b === undefined) return null
  return commits.between({ project, from: a as CommitId, to: b as CommitId })
}
