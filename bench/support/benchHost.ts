import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { ClientCommand } from '../../main/domain/commands.ts'
import type { DomainEvent } from '../../main/domain/events.ts'
import {
  type AttemptId,
  attemptId,
  projectId,
  type RunId,
  runId,
  type TaskId,
} from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { type Host, openHost } from '../../main/headless.ts'
import { removeContainers } from './docker.ts'

/** The program as it is, on a data folder of its own, with real containers. */
export interface BenchHost {
  readonly host: Host
  /** Starts the plan; resolves when the run is over and its containers are removed. Throws unless it completed. */
  run(plan: Plan): Promise<void>
  /** The same, and how long after it was asked for the attempt first printed a line like this; ms. */
  runUntil(plan: Plan, task: TaskId, line: RegExp): Promise<number>
  /** Sends what starts a run; resolves when that is over and tidied up, to all that happened in it. */
  follow(
    command: Extract<ClientCommand, { type: 'run.start' | 'rollback.start' }>,
  ): Promise<readonly Happened[]>
  /** Starts the plan; resolves when that is on disk. */
  startOnly(plan: Plan): Promise<RunId>
  close(): Promise<void>
}

/** An event as a client is told of it, and how long after the command was sent; ms. */
export interface Happened {
  readonly data: DomainEvent
  readonly ms: number
}

export const BENCH_PROJECT = projectId('bench')
export const RUN_LABEL = 'amphitheatre.run'

export async function openBenchHost(folder: string, root = folder): Promise<BenchHost> {
  const opened = await openHost({ dataDir: join(folder, 'data') })
  if (!opened.ok) throw new Error('another host has the data folder')
  const { host } = opened
  const { center } = host
  const runs: RunId[] = []
  await center.dispatch({
    command: { type: 'project.register', project: BENCH_PROJECT, root, name: 'bench' },
  })
  const startOnly: BenchHost['startOnly'] = async (plan) => {
    const run = runId(`bench-${randomBytes(6).toString('hex')}`)
    runs.push(run)
    const command = { type: 'run.start', project: BENCH_PROJECT, run, runner: 'docker', plan } as const
    const outcome = await center.dispatch({ command })
    if (!outcome.ok) throw new Error(outcome.reason)
    return run
  }
  const completed = async (run: RunId): Promise<void> => {
    await host.idle()
    const row = (await center.runs({ limit: 1 }))[0]
    if (row?.run !== run || row.status !== 'completed') throw new Error(`run ${run}: ${row?.status}`)
  }
  return {
    host,
    startOnly,
    run: async (plan) => completed(await startOnly(plan)),
    runUntil: async (plan, task, line) => {
      const { seq } = await center.snapshot()
      const began = performance.now()
      const run = await startOnly(plan)
      await started(host, run, seq)
      await printed(host, attemptId(run, task, 1), line)
      const took = performance.now() - began
      await completed(run)
      return took
    },
    follow: async (command) => {
      const { run } = command
      runs.push(run)
      const { seq } = await center.snapshot()
      const began = performance.now()
      const outcome = await center.dispatch({ command })
      if (!outcome.ok) throw new Error(outcome.reason)
      const seen: Happened[] = []
      for await (const event of center.events(seq, AbortSignal.timeout(LIMIT_MS))) {
        if (event.run !== run) continue
        seen.push({ data: event.data, ms: performance.now() - began })
        if (event.data.type === 'run.settled') break
      }
      await completed(run)
      return seen
    },
    close: async () => {
      await host.close()
      for (const run of runs) await removeContainers(`${RUN_LABEL}=${run}`)
    },
  }
}

const LIMIT_MS = 120_000

async function started({ center }: Host, run: RunId, from: number): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  for await (const event of center.events(from, signal))
    if (event.run === run && event.data.type === 'agent.started') return
  throw new Error(`run ${run}: nothing was started`)
}

async function printed({ center }: Host, attempt: AttemptId, line: RegExp): Promise<void> {
  let text = ''
  const request = { attempt, from: 0, follow: true }
  for await (const { data } of center.terminal(request, AbortSignal.timeout(LIMIT_MS))) {
    text += Buffer.from(data).toString()
    if (line.test(text)) return
  }
  throw new Error(`${attempt} never printed ${line}: ${text}`)
}
