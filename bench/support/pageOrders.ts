import { setImmediate } from 'node:timers/promises'
import type { EventEnvelope } from '../../main/domain/events.ts'
import { type AttemptId, commandId, projectId, runId, taskId } from '../../main/domain/ids.ts'
import type { AgentFiles } from '../../main/engine/ports/agentFiles.ts'
import type { RunningEngine } from '../../main/engine/startEngine.ts'
import { agentOutput } from './agentOutput.ts'
import { atRate, type Committed, markOf, wallNow } from './churn.ts'
import type { Echo } from './echo.ts'
import { LASTS } from './idleRunner.ts'
import type { OrderHandlers } from './pageHost.ts'
import { benchPlan, graph } from './plans.ts'

export interface OrderParts {
  readonly engine: RunningEngine
  readonly files: AgentFiles
  readonly echo: Echo
  readonly onAppended: (listener: (events: readonly EventEnvelope[], at: number) => void) => void
  readonly folder: string
}

const PROJECT = projectId('bench')
/** A pause or its end: it is asked for, and it is done. */
const EVENTS_A_CHANGE = 2
/** What an agent writes at once. */
const PIECE_BYTES = 64_000
const RUN_AT_ONCE = 100
/** Agents of earlier runs work on. */
const SLOTS = 100

export function handlersFor(parts: OrderParts): OrderHandlers {
  const { engine } = parts
  /** The last event of each kind: what is echoed is as long as what was sent. */
  const samples = new Map<string, EventEnvelope>()
  let commits: Committed[] = []
  parts.onAppended((events, at) => {
    for (const event of events) {
      const mark = markOf(event)
      if (mark !== undefined) commits.push({ task: (event.data as { task: number }).task, mark, at })
      samples.set(event.type, event)
    }
  })
  const started = startsRuns(parts)
  return {
    agents: async ({ count }) => {
      const run = await started(count, LASTS)
      await engine.whenState((state) => {
        const tasks = [...(state.runs.get(run)?.tasks ?? [])]
        return tasks.filter(({ current }) => current?.state === 'RUNNING').length === count
      })
      return { run }
    },
    fill: async ({ events }) => {
      while (engine.state.seq < events) {
        const run = await started(Math.min(RUN_AT_ONCE, Math.ceil((events - engine.state.seq) / 10)), 'true')
        await engine.whenState((state) => state.runs.get(run)?.endedAt !== null)
      }
      await engine.settled()
      return { events: engine.state.seq }
    },
    churn: async ({ run, agents, perSecond, ms }) => {
      commits = []
      const from = engine.state.seq
      await atRate(perSecond / EVENTS_A_CHANGE, ms, (n) => {
        const type = isPause(n, agents) ? 'agent.pause' : 'agent.continue'
        return dispatch(engine, { type, run: runId(run), task: taskId(`t${n % agents}`) })
      })
      await engine.settled()
      return { events: engine.state.seq - from, commits }
    },
    echo: async ({ agents, perSecond, ms }) => {
      commits = []
      await atRate(perSecond / EVENTS_A_CHANGE, ms, async (n) => {
        sendSample(parts.echo, samples, n, agents, commits)
      })
      return { events: commits.length * EVENTS_A_CHANGE, commits }
    },
    output: ({ attempt, bytes }) => write(parts.files, attempt as AttemptId, bytes),
    cpu: async () => {
      const { user, system } = process.cpuUsage()
      return { seconds: (user + system) / 1e6 }
    },
  }
}

/** Round and round: all are paused one after the other, then all go on. */
function isPause(n: number, agents: number): boolean {
  return Math.floor(n / agents) % 2 === 0
}

function startsRuns({ engine, folder }: OrderParts) {
  let known = false
  return async (count: number, command: string) => {
    if (!known)
      await dispatch(engine, { type: 'project.register', project: PROJECT, root: folder, name: 'bench' })
    known = true
    const run = runId(`run-${crypto.randomUUID().slice(0, 8)}`)
    const tasks = graph('wide', count).map((task) => ({ ...task, run: command }))
    const plan = benchPlan(tasks, { slots: SLOTS })
    await dispatch(engine, { type: 'run.start', project: PROJECT, run, runner: 'simulated', plan })
    return run
  }
}

async function dispatch(
  engine: RunningEngine,
  command: Parameters<RunningEngine['dispatch']>[0],
): Promise<void> {
  const outcome = await engine.dispatch(command, 'person:bench', commandId(crypto.randomUUID()))
  if (!outcome.ok) throw new Error(`${command.type}: ${outcome.reason}`)
}

function sendSample(
  echo: Echo,
  samples: ReadonlyMap<string, EventEnvelope>,
  n: number,
  agents: number,
  commits: Committed[],
): void {
  const pause = isPause(n, agents)
  const [asked, done] = [samples.get(pause ? 'agent.pausing' : 'agent.resuming')!, samples.get('effect.done')]
  const task = n % agents
  const events = [{ ...asked, data: { ...asked.data, task } }, ...(done === undefined ? [] : [done])]
  commits.push({ task, mark: pause ? 'waiting' : 'running', at: wallNow() })
  echo.send(JSON.stringify({ message: 'events', data: { stream: 1, events } }))
}

async function write(files: AgentFiles, attempt: AttemptId, bytes: number): Promise<{ began: number }> {
  const piece = agentOutput(PIECE_BYTES)
  const file = files.output(PROJECT, attempt)
  const began = wallNow()
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    await file.append(piece.subarray(0, Math.min(PIECE_BYTES, bytes - at)))
    // As the pieces come from a container's socket, each in a turn of its own.
    await setImmediate()
  }
  await file.close()
  return { began }
}
