import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAgentFiles } from './agents/agentFiles.ts'
import { createDoors } from './agents/door/createDoors.ts'
import { serveSpool } from './agents/door/spool.ts'
import { mcp } from './agents/mcp/mcp.ts'
import { openBus } from './bus/openBus.ts'
import { ContextWriter } from './context/contextWriter.ts'
import { movesAtGates } from './domain/gates/places.ts'
import { freeBytes, passiveCenter, runningCenter } from './engine/center.ts'
import { openClock, systemClockSource } from './engine/clock.ts'
import type { ControlCenter } from './engine/controlCenter.ts'
import { hostMeter } from './engine/hostMeter.ts'
import { loadState } from './engine/load.ts'
import type { Foresight } from './engine/ports/foresight.ts'
import type { Runner, RunnerHealth } from './engine/ports/runner.ts'
import type { ScheduleSource } from './engine/ports/scheduleSource.ts'
import type { TargetAccess } from './engine/ports/targets.ts'
import type { Workspaces } from './engine/ports/workspaces.ts'
import type { Recovery } from './engine/recovery.ts'
import { realScheduling } from './engine/scheduling.ts'
import { type RunningEngine, startEngine } from './engine/startEngine.ts'
import { createGateReader } from './gates/gateReader.ts'
import { makeDataFolder } from './machine.ts'
import type { HoldKeeper } from './points/holdKeeper.ts'
import type { PointKeeper } from './points/pointKeeper.ts'
import { testSchedules } from './points/testSchedules.ts'
import type { PointTools } from './points/tools.ts'
import { createOutputFiles } from './runners/output/outputFiles.ts'
import { handProcesses } from './runners/process/handProcesses.ts'
import { lockDataFolder } from './store/dataFolderLock.ts'
import { openSqliteStore } from './store/sqliteStore.ts'
import { openTelemetry } from './store/telemetry.ts'
import { lazyForesight } from './workspaces/foresight/lazyForesight.ts'
import { lazyWorkspaces } from './workspaces/lazyWorkspaces.ts'
import { redactPatch, secretsOf } from './workspaces/redactPatch.ts'

/** The composition root without Electron: an engine with its store, runners and workspaces, on this thread. */
export interface Host {
  readonly dataDir: string
  readonly center: ControlCenter
  runnerHealth(kind: string): Promise<RunnerHealth>
  /** Builds the agent image if it is not there. */
  ensureImage(onProgress: (line: string) => void): Promise<void>
  /** Resolves when every agent that ran when the last host ended is accounted for: found running, or over on record. */
  readonly recovered: Promise<Recovery>
  /** Resolves when no run is under way, or all that are wait for a person; clean-ups included. */
  idle(): Promise<void>
  /** Detaches: agents run on and are adopted by the next host, unless `stopAgents`. */
  close(options?: { readonly stopAgents?: boolean }): Promise<void>
}

export interface HostOptions {
  readonly dataDir: string
  /** For a bundle: the Node that supervisors of processes run on, and their program. */
  readonly processes?: { readonly node?: string; readonly supervisor?: string }
  readonly log?: (line: string) => void
}

export type OpenHost =
  | { readonly ok: true; readonly host: Host }
  | { readonly ok: false; readonly reason: 'busy'; readonly holder?: { readonly pid: number } }

const DATABASE = 'amphitheatre.db'
const TELEMETRY_UPKEEP_MS = 60_000

export async function openHost(options: HostOptions): Promise<OpenHost> {
  const { dataDir } = options
  const log = options.log ?? (() => undefined)
  makeDataFolder(dataDir)
  const lock = lockDataFolder(dataDir)
  if (!lock.ok)
    return { ok: false, reason: 'busy', ...(lock.holder === undefined ? {} : { holder: lock.holder }) }
  try {
    return { ok: true, host: await compose(options, log, lock.release) }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function compose(
  options: HostOptions,
  log: (line: string) => void,
  release: () => void,
): Promise<Host> {
  const { dataDir } = options
  const store = await openSqliteStore({ file: join(dataDir, DATABASE) })
  const install = await installId(store)
  const telemetry = openTelemetry(join(dataDir, 'telemetry.db'))
  const user = agentUser()
  const docker = await dockerRunner(install, user)
  const processes = await processRunner({ install, dataDir, ...user, ...options.processes })
  const { targets, pointTools, pointKeeper, holdKeeper } = await actingOnTargets({
    install,
    dataDir,
    ...user,
  })
  const runners = new Map<string, Runner>(
    [docker, processes, targets.runner].map((runner) => [runner.kind, runner]),
  )
  const workspaces = gitWorkspaces(dataDir, user)
  const files = createAgentFiles({ dataDir, ...user, openOutput: createOutputFiles() })
  const last = (await store.read({ after: Math.max(0, (await store.lastSeq()) - 1) })).at(-1)
  const source = systemClockSource()
  const clock = await openClock(store, source, last?.time ?? 0)
  const context = new ContextWriter({ dataDir, log })
  const engine = await startEngine({
    store,
    scheduling: realScheduling(clock),
    runners,
    workspaces,
    gates: createGateReader(workspaces),
    foresight: gitForesight(dataDir),
    files,
    doors: createDoors({
      install,
      dataDir,
      ...user,
      workspaces,
      log,
      contextFolder: (project) => context.ready(project),
      mcp,
      spool: serveSpool({ owner: process.getuid?.() === 0 ? user : null, log }),
    }),
    targets: targets.access,
    handProcesses: handProcesses(),
    wall: Date.now,
    freeBytes: () => freeBytes(dataDir),
    log,
    schedules: [projectSchedules(runners), testSchedules()],
    readHost: hostMeter(runners, () => freeBytes(dataDir)),
    onFigures: (points) => telemetry.recordSeries(points),
    onSample: ({ attempt, ...sample }) => telemetry.record([{ agent: attempt, ...sample }]),
    boot: source.bootId(),
    pid: process.pid,
    version: version(),
    idPrefix: `e${clock.now().toString(36)}`,
  })
  context.follow(engine).catch(() => undefined) // Logged, told in the notes, and tried again by itself.
  pointKeeper.follow(engine, log)
  holdKeeper.follow(engine, log)
  const bus = await openBus({ file: join(dataDir, 'bus.db'), engine, store, origin: install, log })
  const upkeep = setInterval(() => {
    telemetry.flush()
    telemetry.prune(clock.now())
    bus.prune(clock.now())
  }, TELEMETRY_UPKEEP_MS)
  const notes = () =>
    [
      telemetry.note,
      telemetry.trouble(),
      bus.note(),
      context.trouble(),
      engine.foresightTrouble(),
      pointKeeper.trouble(),
      holdKeeper.trouble(),
      isolationNote(engine),
    ].filter((note) => note !== null)
  const center = runningCenter({
    engine,
    store,
    runners,
    workspaces,
    files,
    dataDir,
    version: version(),
    redact,
    notes,
    series: (query) => telemetry.series(query),
    rebuildContext: (project) => context.rebuild(project),
    targets: targets.access,
    commits: pointTools.commits,
    rollbackPreview: async (of) => {
      const { rollbackPreview } = await import('./points/preview.ts')
      return rollbackPreview(pointTools, engine.state, of)
    },
  })
  return {
    dataDir,
    center,
    recovered: engine.recovered,
    runnerHealth: (kind) => healthOf(runners, kind),
    ensureImage: async (onProgress) => {
      const { ensureDefaultImage } = await import('./runners/docker/ensureDefaultImage.ts')
      await ensureDefaultImage(onProgress)
    },
    idle: () => idle(engine),
    close: async ({ stopAgents = false } = {}) => {
      if (stopAgents) await stopEverything(engine)
      clearInterval(upkeep)
      // It may be asking the engine something, and one that has ended answers nobody.
      await pointKeeper.close()
      await holdKeeper.close()
      await engine.close()
      await context.close()
      await bus.close()
      for (const runner of runners.values()) await runner.close()
      telemetry.close()
      await store.close()
      release()
    },
  }
}

/** The store alone, nothing carried out: for looking at things while no engine runs. */
export async function openPassive(options: { readonly dataDir: string }): Promise<ControlCenter> {
  const { dataDir } = options
  makeDataFolder(dataDir)
  const store = await openSqliteStore({ file: join(dataDir, DATABASE) })
  const user = agentUser()
  const files = createAgentFiles({ dataDir, ...user, openOutput: createOutputFiles() })
  const workspaces = gitWorkspaces(dataDir, user)
  return passiveCenter({
    store,
    workspaces,
    files,
    dataDir,
    version: version(),
    redact,
    state: await loadState(store),
    targets: await lookingAtTargets({ install: await installId(store), dataDir, ...user }),
    commits: (await import('./workspaces/pointCommits.ts')).createPointCommits({ dataDir }),
  })
}

/** Reading project files takes the configuration, which an engine can start without. */
function projectSchedules(runners: ReadonlyMap<string, Runner>): ScheduleSource {
  let source: Promise<ScheduleSource> | undefined
  const open = (): Promise<ScheduleSource> => {
    source ??= import('./desk/fileSchedules.ts').then(({ fileSchedules }) =>
      fileSchedules(process.env, runners),
    )
    return source
  }
  return {
    name: 'file',
    schedules: async (project) => (await open()).schedules(project),
    plan: async (project, name) => (await open()).plan(project, name),
  }
}

/** Reports of tools are written by agents, and scanners for secrets write down what they found. */
function redact(text: Buffer): Buffer {
  return redactPatch(text, secretsOf(process.env))
}

function gitWorkspaces(dataDir: string, user: AgentUser): Workspaces {
  return lazyWorkspaces(async () => {
    const { createGitWorkspaces } = await import('./workspaces/createGitWorkspaces.ts')
    return createGitWorkspaces({ dataDir, ...user })
  })
}

function gitForesight(dataDir: string): Foresight {
  return lazyForesight(async () => {
    const { createForesight } = await import('./workspaces/foresight/createForesight.ts')
    return createForesight({ dataDir })
  })
}

async function dockerRunner(install: string, user: AgentUser): Promise<Runner> {
  const { createDockerRunner } = await import('./runners/docker/runner.ts')
  return createDockerRunner({ install, ...user })
}

/** What acts on targets, and what keeps points of them. */
async function actingOnTargets(
  options: Omit<Parameters<typeof import('./targets/createTargets.ts').createTargets>[0], 'points'>,
) {
  const { createTargets } = await import('./targets/createTargets.ts')
  const { createPoints, createPointTools } = await import('./points/createPoints.ts')
  const { PointKeeper } = await import('./points/pointKeeper.ts')
  const { HoldKeeper } = await import('./points/holdKeeper.ts')
  const { createPointCommits } = await import('./workspaces/pointCommits.ts')
  const commits = createPointCommits(options)
  let made:
    | { readonly pointTools: PointTools; readonly pointKeeper: PointKeeper; readonly holdKeeper: HoldKeeper }
    | undefined
  const targets = createTargets({
    ...options,
    points: (tools) => {
      const pointTools = createPointTools({ dataDir: options.dataDir, commits }, tools)
      const { docker, install } = tools
      made = {
        pointTools,
        pointKeeper: new PointKeeper({ ...options, commits, images: { docker, install } }),
        holdKeeper: new HoldKeeper(pointTools),
      }
      return createPoints(pointTools, tools)
    },
  })
  return { targets, ...made! }
}

/** Looks only: what is under way there is left to the engine. */
async function lookingAtTargets(
  options: Parameters<typeof import('./targets/createTargets.ts').createTargetAccess>[0],
): Promise<TargetAccess> {
  const { createTargetAccess } = await import('./targets/createTargets.ts')
  const { createPoints, createPointTools } = await import('./points/createPoints.ts')
  const { createPointCommits } = await import('./workspaces/pointCommits.ts')
  const { dataDir } = options
  const commits = createPointCommits({ dataDir })
  return createTargetAccess({
    ...options,
    points: (tools) => createPoints(createPointTools({ dataDir, commits }, tools), tools),
  })
}

async function processRunner(
  options: Parameters<typeof import('./runners/process/runner.ts').createProcessRunner>[0],
): Promise<Runner> {
  const { createProcessRunner } = await import('./runners/process/runner.ts')
  return createProcessRunner(options)
}

async function healthOf(runners: ReadonlyMap<string, Runner>, kind: string): Promise<RunnerHealth> {
  const runner = runners.get(kind)
  if (runner !== undefined) return runner.check()
  const known = [...runners.keys()].join(', ')
  return { status: 'unavailable', reason: `there is no ${kind} runner yet`, remedy: `Use one of: ${known}.` }
}

interface AgentUser {
  readonly uid: number
  readonly gid: number
}

/** Agents run as the user the program runs as, so that files come out owned by them; root gives way to uid 1000. */
function agentUser(): AgentUser {
  const uid = process.getuid?.() ?? 1000
  return uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid: process.getgid?.() ?? 1000 }
}

async function installId(store: Awaited<ReturnType<typeof openSqliteStore>>): Promise<string> {
  const known = await store.getMeta('install')
  if (known !== undefined) return known
  const made = crypto.randomUUID().replaceAll('-', '').slice(0, 12)
  await store.setMeta('install', made)
  return made
}

function isolationNote(engine: RunningEngine): string | null {
  const open = [...engine.state.runs.values()].some((run) => run.endedAt === null && run.runner === 'process')
  return open ? 'Agents of a run work as processes on this machine, not isolated from it.' : null
}

async function stopEverything(engine: RunningEngine): Promise<void> {
  for (const run of engine.state.runs.values()) {
    if (run.endedAt !== null) continue
    const id = crypto.randomUUID() as Parameters<RunningEngine['dispatch']>[2]
    await engine.dispatch({ type: 'run.stop', run: run.id, force: false }, 'engine', id)
  }
  await idle(engine)
}

async function idle(engine: RunningEngine): Promise<void> {
  await engine.whenState((state) => [...state.runs.values()].every(isQuiet))
  await engine.settled()
}

function isQuiet(
  run: RunningEngine['state']['runs'] extends ReadonlyMap<unknown, infer R> ? R : never,
): boolean {
  const { ready, active, retrying } = run.counts
  if (run.effects.length > 0 || movesAtGates(run)) return false
  return (
    run.endedAt !== null ||
    (run.status === 'running' && (run.paused ? active === 0 : ready + active + retrying === 0))
  )
}

let cachedVersion: string | undefined

export function version(): string {
  cachedVersion ??= (
    JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version
  return cachedVersion
}
