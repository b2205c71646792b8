import type { ClientCommand, Outcome } from '../domain/commands.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { type CommandId, commandId, type RunId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { type TimerAt, timersAfter, timersOf } from '../domain/timers.ts'
import { Cleaner } from './cleaner.ts'
import { ConflictVerifier } from './conflictVerifier.ts'
import { DoorKeeper } from './doorKeeper.ts'
import { Engine, type EngineStatus } from './engine.ts'
import { EventFeed } from './feed.ts'
import { HandWatch } from './handWatch.ts'
import { HealthMonitor } from './healthMonitor.ts'
import type { ReadHost } from './hostMeter.ts'
import { IncidentReporter } from './incidentReporter.ts'
import { KeyFrames } from './keyFrames.ts'
import { loadRun, loadState } from './load.ts'
import { NewsDelivery } from './newsDelivery.ts'
import type { DoorEngine, Doors } from './ports/doors.ts'
import type { Foresight, WorkChanges } from './ports/foresight.ts'
import type { GateReader } from './ports/gateReader.ts'
import type { HandProcesses } from './ports/handProcesses.ts'
import type { Notifier } from './ports/notifier.ts'
import type { ScheduleSource } from './ports/scheduleSource.ts'
import type { SeriesPoint } from './ports/series.ts'
import type { Store } from './ports/store.ts'
import { Predictor } from './predictor.ts'
import { Reactor } from './reactor.ts'
import { accountForAgents, type Recovery } from './recovery.ts'
import { ScheduleKeeper } from './schedules/scheduleKeeper.ts'
import { SignsOfLife } from './signsOfLife.ts'
import { StrayWatchers } from './strayWatchers.ts'
import { type Sample, StuckMonitor } from './stuckMonitor.ts'
import { TargetWatch } from './targetWatch.ts'
import { TimerQueue } from './timerQueue.ts'
import type { Vitals } from './vitals.ts'
import { Watchers } from './watchers.ts'
import type { World } from './world.ts'

/** What the engine is made of: the outside as effects reach it, the store, and who this engine is. */
export interface EngineParts
  extends Omit<World, 'engine' | 'outputStored' | 'takeOutput' | 'signs' | 'doors' | 'gates'> {
  /** Makes the doors agents talk back through, given the engine they lead to; absent where there are none. */
  readonly doors?: (engine: DoorEngine) => Doors
  /** Reads what gates are about; absent where nothing is read. */
  readonly gates?: GateReader
  /** Where agents started by hand live; absent where none can be looked at. */
  readonly handProcesses?: HandProcesses
  /** Sees conflicts before they happen; absent where nothing is foreseen. */
  readonly foresight?: Foresight
  readonly workChanges?: WorkChanges
  readonly store: Store
  readonly onSample: (sample: Sample) => void
  /** Who is told what people have to know outside of the pages; absent for nobody. */
  readonly notifiers?: readonly Notifier[]
  /** What is run by the clock; absent for nothing. */
  readonly schedules?: readonly ScheduleSource[]
  /** Looks at the machine; absent where there is none (a simulation). */
  readonly readHost?: ReadHost
  /** Health figures of a round, to be kept as series. */
  readonly onFigures?: (points: readonly SeriesPoint[]) => void
  readonly boot: string
  readonly pid: number
  readonly version: string
  /** Makes this start's own command ids unlike any other start's. */
  readonly idPrefix: string
  /** Events between key frames; the default suits real runs, tests want them closer. */
  readonly keyFrameEvery?: number
}

export interface RunningEngine {
  readonly state: State
  readonly status: EngineStatus
  dispatch(command: ClientCommand, actor: string, id: CommandId): Promise<Outcome>
  events(from: number, signal: AbortSignal): AsyncIterable<EventEnvelope>
  /** Called after each commit, in order; must not throw. Returns the way to stop listening. */
  onPublish(listener: (events: readonly EventEnvelope[], state: State) => void): () => void
  /** Resolves when `condition` holds; looked at after every commit. */
  whenState(condition: (state: State) => boolean): Promise<void>
  /** Resolves when every agent that was under way when the last engine stopped is accounted for. */
  readonly recovered: Promise<Recovery>
  /** Why conflicts are not foreseen just now; null when all is well. */
  foresightTrouble(): string | null
  /** How agents and machine are doing. */
  vitals(): Vitals
  /** Resolves when no effect and no clean-up is under way. */
  settled(): Promise<void>
  /** Stops doing things; agents run on and are adopted by the next start. Idempotent. */
  close(): Promise<void>
}

/**
 * Loads the state, wires everything that follows the log to it, and takes up where the last engine stopped: timers,
 * open effects, agents that ran on, and what nobody wants any more.
 */
export async function startEngine(parts: EngineParts): Promise<RunningEngine> {
  const { store, scheduling, log } = parts
  const loaded = await loadState(store)
  const engine = new Engine(store, scheduling, loaded, parts.idPrefix)
  const followers = createFollowers(engine, parts, loaded)
  const { cleaner, health, predictor, feed } = followers
  const delivery = new NewsDelivery({ store, feed, state: () => engine.state, scheduling, log })
  follow(engine, followers)
  await engine.report({ type: 'engine.start', boot: parts.boot, pid: parts.pid, version: parts.version })
  const looked = health.lookBack(store, loaded)
  const closing = new AbortController()
  const { asked, recovered } = accountForAgents(
    followers.world,
    engine.state,
    (condition) => whenState(engine, condition),
    closing.signal,
  )
  recover(engine, followers, asked, scheduling.now())
  delivery.open(parts.notifiers ?? [])
  const offs = [...parts.runners.values()].map((runner) => runner.onReconnect(() => cleaner.sweep()))
  let closed = false
  return {
    get state() {
      return engine.state
    },
    get status() {
      return engine.status
    },
    dispatch: (command, actor, id) => dispatch(store, engine, command, actor, id),
    events: (from, signal) => feed.from(from, signal),
    onPublish: (listener) => engine.onPublish((events, state) => listener(events, state)),
    whenState: (condition) => whenState(engine, condition),
    foresightTrouble: () => predictor?.trouble() ?? null,
    vitals: () => health.vitals(),
    recovered,
    settled: () => asked.then(() => cleaner.idle()),
    close: async () => {
      if (closed) return
      closed = true
      closing.abort()
      for (const off of offs) off()
      await closeFollowers(followers, looked, delivery)
      await engine.close()
    },
  }
}

/** What follows the log, and brings about outside what it calls for. */
type Followers = ReturnType<typeof createFollowers>

function createFollowers(engine: Engine, parts: EngineParts, loaded: Awaited<ReturnType<typeof loadState>>) {
  const { store, scheduling, log, handProcesses, foresight, workChanges, readHost } = parts
  const { onFigures = () => undefined } = parts
  const signs = new SignsOfLife(() => scheduling.now())
  const doors = parts.doors?.(doorEngine(engine, store, signs)) ?? null
  const world: World = worldOf(engine, parts, { signs, doors }, () => ({ watchers, targets }))
  const watchers: Watchers = new Watchers(world)
  const targets = parts.targets === undefined ? null : new TargetWatch(world, parts.targets, onFigures)
  const health = new HealthMonitor({ world, readHost, onFigures })
  return {
    world,
    doors,
    watchers,
    targets,
    health,
    cleaner: new Cleaner(world, watchers),
    reactor: new Reactor(world),
    doorKeeper: new DoorKeeper(world),
    strays: new StrayWatchers(world),
    timers: new TimerQueue(
      scheduling,
      (timer) => void engine.report({ type: 'timer.fired', timer }).catch(() => undefined),
    ),
    handWatch: handProcesses === undefined ? null : new HandWatch(engine, handProcesses, scheduling),
    predictor: foresight === undefined ? undefined : new Predictor(world, foresight, workChanges),
    verifier: new ConflictVerifier(world),
    reporter: new IncidentReporter(world),
    feed: new EventFeed(store),
    keyFrames: new KeyFrames(store, loaded.seq, log, parts.keyFrameEvery),
    scheduleKeeper: new ScheduleKeeper(world, parts.schedules ?? []),
    monitor: new StuckMonitor(world, (sample) => {
      health.sampled(sample)
      parts.onSample(sample)
    }),
  }
}

/** The outside as effects reach it. `late`: what is made of the world itself. */
function worldOf(
  engine: Engine,
  parts: EngineParts,
  made: Pick<World, 'signs' | 'doors'>,
  late: () => { readonly watchers: Watchers; readonly targets: TargetWatch | null },
): World {
  const { scheduling, runners, workspaces, files, wall, freeBytes, log } = parts
  return {
    engine,
    scheduling,
    runners,
    workspaces,
    files,
    ...made,
    gates: parts.gates ?? null,
    ...(parts.targets === undefined ? {} : { targets: parts.targets }),
    wall,
    freeBytes,
    log,
    outputStored: (run, attempt) => late().watchers.outputStored(run, attempt),
    takeOutput: (run, attempt) => late().watchers.takeOutput(run, attempt),
    trendOf: (project, target) => late().targets?.trendOf(project, target),
  }
}

/** In this order, after every commit. */
function follow(engine: Engine, followers: Followers): void {
  const { timers, watchers, cleaner, doorKeeper, strays, reactor, handWatch, predictor } = followers
  const { verifier, reporter, health, scheduleKeeper, keyFrames, feed } = followers
  engine.onPublish((events, state, before) => {
    for (const event of events) timers.add(timersAfter(state, event))
    watchers.published(events, state)
    cleaner.published(events, state, before)
    doorKeeper.published(events)
    strays.published(events, state)
    reactor.published(events, state)
    handWatch?.published(events, state)
    predictor?.published(events)
    verifier.published(events, state)
    reporter.published(events, state)
    health.published(events, state)
    scheduleKeeper.published(events)
    keyFrames.published(state)
    feed.publish(events)
  })
}

async function closeFollowers(
  followers: Followers,
  looked: Promise<unknown>,
  delivery: NewsDelivery,
): Promise<void> {
  followers.monitor.close()
  followers.health.close()
  followers.targets?.close()
  followers.scheduleKeeper.close()
  await looked
  followers.predictor?.close()
  followers.verifier.close()
  followers.reporter.close()
  delivery.close()
  followers.timers.close()
  followers.reactor.close()
  followers.handWatch?.close()
  followers.cleaner.close()
  followers.watchers.close()
  followers.strays.close()
  await followers.doors?.detach()
}

function doorEngine(engine: Engine, store: Store, signs: SignsOfLife): DoorEngine {
  return {
    get state() {
      return engine.state
    },
    dispatch: (command, actor, id) =>
      id === null
        ? engine.report(command, undefined, actor)
        : engine.dispatch({ id: commandId(id), correlation: commandId(id), actor, command }),
    onPublish: (listener) => engine.onPublish((events, state) => listener(events, state)),
    active: (attempt) => signs.seen(attempt),
    lastActive: (attempt) => signs.last(attempt),
    event: async (seq) => (await store.read({ after: seq - 1, limit: 1 }))[0],
  }
}

function whenState(engine: Engine, condition: (state: State) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (condition(engine.state)) return resolve()
    const off = engine.onPublish((_, state) => {
      if (!condition(state)) return
      off()
      resolve()
    })
  })
}

/** Takes up where the last engine stopped. `asked`: the runners have said which agents are there. */
function recover(engine: Engine, followers: Followers, asked: Promise<unknown>, now: number): void {
  const { state } = engine
  followers.doorKeeper.recover(state)
  followers.handWatch?.recover(state)
  followers.predictor?.recover(state)
  followers.verifier.recover(state)
  followers.reporter.recover(state)
  followers.strays.recover(state)
  followers.timers.add(timersOf(state).map((timer) => afterGrace(timer, now)))
  followers.watchers.recover(state, asked)
  followers.reactor.recover(state)
  void asked.then(() => followers.cleaner.sweepEveryMinute())
  followers.scheduleKeeper.open()
}

/** How long after a restart agents have to be found before any of them is called out of time, ms. */
const RECOVERY_GRACE_MS = 5_000

/** The time the machine was off is in the engine's time; an agent that ended with the machine did not use it up. */
function afterGrace(timer: TimerAt, now: number): TimerAt {
  if (timer.timer.kind !== 'runtime') return timer
  return { ...timer, at: Math.max(timer.at, now + RECOVERY_GRACE_MS) }
}

/**
 * A command on a run that has left live state brings the run back first; once more if the run has left again
 * before the command had its turn (a run that starts makes room).
 */
async function dispatch(
  store: Store,
  engine: Engine,
  command: ClientCommand,
  actor: string,
  id: CommandId,
): Promise<Outcome> {
  const ask = (): Promise<Outcome> => engine.dispatch({ id, correlation: commandId(id), actor, command })
  if (!('run' in command) || command.type === 'run.start') return ask()
  for (;;) {
    const known = engine.state.runs.has(command.run) || (await recall(store, engine, command.run))
    const outcome = await ask()
    const isGone = !outcome.ok && outcome.rejected === 'unknown' && !engine.state.runs.has(command.run)
    if (!known || !isGone) return outcome
  }
}

/** False when there never was such a run. */
async function recall(store: Store, engine: Engine, run: RunId): Promise<boolean> {
  const snapshot = await loadRun(store, engine.state, run)
  if (snapshot === undefined) return false
  await engine.report({ type: 'run.recall', run, snapshot })
  return true
}
