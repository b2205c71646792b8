import { commandId, projectId, type RunId, runId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import type { AgentCommand } from '../../main/domain/talk/agentCommands.ts'
import { clockFrom, nextAnchor, systemClockSource } from '../../main/engine/clock.ts'
import type { DoorEngine, Doors } from '../../main/engine/ports/doors.ts'
import type { Store } from '../../main/engine/ports/store.ts'
import { realScheduling } from '../../main/engine/scheduling.ts'
import { type RunningEngine, startEngine } from '../../main/engine/startEngine.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { noopFiles, noWorkspaces } from './noopFiles.ts'
import { noopRunner } from './noopRunner.ts'
import { recordWrites, type Write } from './recordedStore.ts'

/** The whole engine over a SQLite store on disk (WAL preallocated, FULL) and the no-op runner. */
export interface BenchEngine {
  readonly engine: RunningEngine
  /** What has been written so far, in order. */
  readonly writes: Write[]
  /** Dispatches as a client does. Throws on a rejection. */
  dispatch(command: Parameters<RunningEngine['dispatch']>[0]): Promise<void>
  /** What agents do through their doors. Throws on a rejection. */
  asAgent(command: AgentCommand): Promise<void>
  /** Starts the plan as a new run; resolves when that is on disk. */
  startOnly(plan: Plan): Promise<RunId>
  /** Starts the plan as a new run; resolves when it is over. */
  run(plan: Plan): Promise<RunId>
  close(): Promise<void>
}

const PROJECT = projectId('bench')
const ACTOR = 'person:bench'

export async function openBenchEngine(
  file: string,
  makeDoors: (inside: DoorEngine) => Doors = () => NO_DOORS,
): Promise<BenchEngine> {
  const writes: Write[] = []
  const sqlite = await openSqliteStore({ file })
  const { engine, doors } = await startOver(recordWrites(sqlite, writes), makeDoors)
  let ids = 0
  const dispatch: BenchEngine['dispatch'] = async (command) => {
    const id = commandId(`01K7BENCH${String(++ids).padStart(17, '0')}`)
    const outcome = await engine.dispatch(command, ACTOR, id)
    if (!outcome.ok) throw new Error(`${command.type}: ${outcome.reason}`)
  }
  await dispatch({ type: 'project.register', project: PROJECT, root: '/nonexistent', name: 'bench' })
  const startOnly: BenchEngine['startOnly'] = async (plan) => {
    const run = runId(`r${String(++ids).padStart(12, '0')}`)
    await dispatch({ type: 'run.start', project: PROJECT, run, runner: 'simulated', plan })
    return run
  }
  const asAgent: BenchEngine['asAgent'] = async (command) => {
    const outcome = await doors.dispatch(
      command,
      'agent:bench',
      command.type === 'agent.send' ? `door:${++ids}` : null,
    )
    if (!outcome.ok) throw new Error(`${command.type}: ${outcome.reason}`)
  }
  return {
    engine,
    writes,
    dispatch,
    asAgent,
    startOnly,
    run: async (plan) => {
      const run = await startOnly(plan)
      await engine.whenState((state) => state.runs.get(run)?.endedAt !== null)
      return run
    },
    close: async () => {
      await engine.settled()
      await engine.close()
      await sqlite.close()
    },
  }
}

async function startOver(
  store: Store,
  makeDoors: (inside: DoorEngine) => Doors,
): Promise<{ engine: RunningEngine; doors: DoorEngine }> {
  let doors: DoorEngine | undefined
  const source = systemClockSource()
  const engine = await startEngine({
    store,
    scheduling: realScheduling(clockFrom(nextAnchor(source, undefined, 0), source)),
    runners: new Map([['simulated', noopRunner()]]),
    workspaces: noWorkspaces(),
    files: noopFiles(),
    wall: Date.now,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: source.bootId(),
    pid: process.pid,
    version: 'bench',
    idPrefix: 'bench',
    doors: (inside) => {
      doors = inside
      return makeDoors(inside)
    },
  })
  return { engine, doors: doors! }
}

const NO_DOORS: Doors = {
  open: async () => ({ folder: '', context: '', env: {} }),
  close: async () => undefined,
  detach: async () => undefined,
}
