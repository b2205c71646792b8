import { formatDuration } from '../../domain/duration.ts'
import { agentName, attemptId, taskId } from '../../domain/ids.ts'
import { type Attempt, isSettled, type PastAttempt, type Run, runningMs } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { TaskRow } from '../../engine/ports/store.ts'
import { must, theRun, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { describeTask, runName } from '../describe.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { findRun, type KnownRun, knownRuns } from '../references.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'

/** `amphi tasks [RUN]`, `amphi agents` */

export async function tasks(context: Context, reference: string | undefined): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const run = await theRun(center, reference)
    if (context.out.json) {
      const rows = run.live === undefined ? await center.tasks(run.id) : liveTasks(run.live)
      for (const row of rows) await context.out.object(row)
      return EXIT.done
    }
    for (const line of await taskTable(context, center, run)) await context.out.line(line)
    return EXIT.done
  })
}

const TASK_COLUMNS = [
  { title: 'TASK', shrinks: true },
  { title: 'STATE' },
  { title: 'ATTEMPTS', right: true },
  { title: 'TIME', right: true },
  { title: 'WHY', shrinks: true },
] as const

export async function taskTable(
  context: Context,
  center: ControlCenter,
  run: KnownRun,
): Promise<readonly string[]> {
  const { style } = context.out
  const rows = run.live === undefined ? (await center.tasks(run.id)).map(pastRow) : liveRows(run.live)
  const cells = rows.map(({ task, mark, word, attempts, ms, why }) => [
    task,
    `${style.glyph(mark)} ${style.tint(mark, word)}`,
    String(attempts),
    ms === null ? '' : formatDuration(ms),
    plain(why),
  ])
  return table(TASK_COLUMNS, cells, style, context.out.columns())
}

interface TaskLine {
  readonly task: string
  readonly mark: Mark
  readonly word: string
  readonly attempts: number
  readonly ms: number | null
  readonly why: string
}

function liveRows(run: Run): readonly TaskLine[] {
  return run.plan.tasks.map((spec, index) => {
    const { mark, word, ms, detail } = describeTask(run, index, Date.now())
    return { task: spec.id, mark, word, attempts: run.tasks.get(index)!.attempts, ms, why: detail }
  })
}

const OUTCOMES: Readonly<Record<string, readonly [Mark, string]>> = {
  succeeded: ['done', 'done'],
  skipped: ['done', 'skipped'],
  cancelled: ['waiting', 'cancelled'],
  failed: ['failed', 'failed'],
}

function pastRow(row: TaskRow): TaskLine {
  const [mark, word] = OUTCOMES[row.outcome ?? ''] ?? (['waiting', row.state.toLowerCase()] as const)
  const ms = row.startedAt === null || row.endedAt === null ? null : row.endedAt - row.startedAt
  return { task: row.task, mark, word, attempts: row.attempts, ms, why: row.cause ?? '' }
}

/** In the shape of the history's rows, and what only a live run knows. */
function liveTasks(run: Run): readonly object[] {
  return run.plan.tasks.map((spec, index) => {
    const task = run.tasks.get(index)!
    const { word, detail } = describeTask(run, index, Date.now())
    return {
      run: run.id,
      task: spec.id,
      state: task.state,
      outcome: task.outcome,
      attempts: task.attempts,
      role: task.current?.role ?? task.past.at(-1)?.role ?? spec.role,
      startedAt: task.current?.startedAt ?? task.past.at(-1)?.startedAt ?? null,
      endedAt: isSettled(task) ? (task.past.at(-1)?.endedAt ?? null) : null,
      cause: task.cause,
      is: word,
      why: detail,
      outputs: task.outputs,
    }
  })
}

export interface AgentsOptions {
  readonly all: boolean
  readonly run?: string
}

export async function agents(context: Context, options: AgentsOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const { out } = context
    const runs = await knownRuns(center)
    const among = options.run === undefined ? runs : [must(findRun(runs, options.run))]
    const live = among.flatMap((run) => (run.live === undefined ? [] : [run.live])).reverse()
    const found = live.flatMap((run) => agentsOf(run, options.all))
    if (out.json) {
      for (const agent of found) await out.object(agent)
      return EXIT.done
    }
    if (found.length === 0) {
      await out.line(
        options.all ? 'No agent has been at work.' : 'No agent is at work. --all lists those that were.',
      )
      return EXIT.done
    }
    const rows = found.map((it) => [
      it.agent,
      it.runName,
      `${out.style.glyph(it.mark)} ${out.style.tint(it.mark, it.is)}`,
      it.ms === null ? '' : formatDuration(it.ms),
      plain(it.why),
    ])
    for (const line of table(AGENT_COLUMNS, rows, out.style, out.columns())) await out.line(line)
    return EXIT.done
  })
}

const AGENT_COLUMNS = [
  { title: 'AGENT', shrinks: true },
  { title: 'RUN' },
  { title: 'STATE' },
  { title: 'TIME', right: true },
  { title: 'WHY', shrinks: true },
] as const

function agentsOf(run: Run, all: boolean) {
  return run.plan.tasks.flatMap((spec, index) => {
    const task = run.tasks.get(index)!
    const named = (it: Attempt | PastAttempt) => ({
      agent: agentName(it.role, spec.id, it.n),
      attempt: attemptId(run.id, taskId(spec.id), it.n),
      run: run.id,
      runName: runName(run),
      role: it.role,
      state: it.state,
    })
    const past = all ? task.past.map((it) => ({ ...named(it), ...describePast(it) })) : []
    if (task.current === null) return past
    const { mark, word, detail } = describeTask(run, index, Date.now())
    const ms = task.current.startedAt === null ? null : runningMs(task.current, Date.now())
    return [...past, { ...named(task.current), mark, is: word, why: detail, ms }]
  })
}

function describePast(it: PastAttempt) {
  const ms = it.startedAt === null ? null : it.endedAt - it.startedAt
  const done = it.state === 'COMPLETED'
  return {
    mark: (done ? 'done' : 'failed') as Mark,
    is: done ? 'done' : (it.cause ?? 'over'),
    why: it.detail,
    ms,
  }
}
