import { formatDuration } from '../../domain/duration.ts'
import type { RunSummary } from '../../domain/metrics.ts'
import { summarise } from '../../domain/metrics.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { theRun, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { describeRun, describeStatus } from '../describe.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { agents } from '../healthLine.ts'
import { type KnownRun, knownRuns } from '../references.ts'
import { figures } from '../summary.ts'
import { runView } from '../view/runView.ts'
import { table } from '../view/table.ts'
import { plain, truncate } from '../view/text.ts'
import { taskTable } from './tables.ts'

/** `amphi status [RUN]`, `amphi runs` */

export async function status(context: Context, reference: string | undefined): Promise<ExitCode> {
  return withReader(context, async (center, running) => {
    const runs = await knownRuns(center)
    if (reference !== undefined) return showRun(context, await theRun(center, reference), center)
    const open = runs.filter((run) => run.endedAt === null)
    const shown = open.length > 0 ? open : runs.slice(0, 1)
    if (context.out.json) {
      const engine = running === undefined ? null : { pid: running.pid }
      await context.out.object({ type: 'status', engine, runs: shown.map(statusJson) })
      return EXIT.done
    }
    const unfinished = open.length > 0 ? ' `amphi resume` takes up what is unfinished.' : ''
    await context.out.line(
      running === undefined
        ? `No engine is running.${unfinished}`
        : `The engine runs in process ${running.pid}.`,
    )
    for (const line of await shortages(context, center)) await context.out.line(line)
    for (const run of shown) {
      await context.out.line()
      await showRun(context, run, center)
    }
    return EXIT.done
  })
}

/** Why fewer agents are at work than a project allows, and what has to be decided before something scheduled begins. */
async function shortages({ out: { style } }: Context, center: ControlCenter): Promise<readonly string[]> {
  const { projects } = await currentState(center)
  return [...projects.values()].flatMap(({ name, health, schedules }) => [
    ...(health.slots === null
      ? []
      : [
          `${style.glyph('waiting')} ${plain(name)}: ${agents(health.slots.agents)} at once at most, ${plain(health.slots.reason)}`,
        ]),
    ...Object.values(schedules.items).flatMap(({ spec, waiting }) =>
      waiting?.on === 'ask' || waiting?.on === 'trouble'
        ? [
            `${style.glyph('needs-you')} ${plain(spec.name)}: ${plain(waiting.detail)}. ${plain(waiting.remedy)}`,
          ]
        : [],
    ),
  ])
}

async function showRun(
  context: Context,
  run: KnownRun,
  center: Parameters<typeof taskTable>[1],
): Promise<ExitCode> {
  const { out } = context
  if (out.json) {
    await out.object(statusJson(run))
    return EXIT.done
  }
  const columns = out.columns()
  if (run.live !== undefined) {
    const rows = out.isTty ? Math.max(20, out.rows() - 2) : 10_000
    for (const line of runView(run.live, now(run), out.style, { columns, rows })) await out.line(line)
    return EXIT.done
  }
  await out.line(truncate(headline(context, run), columns, out.style.ellipsis))
  for (const line of await taskTable(context, center, run)) await out.line(line)
  return EXIT.done
}

function headline(context: Context, run: KnownRun): string {
  const { style } = context.out
  const { mark, word } = describeStatus(run.status)
  const summary = summaryOf(run)
  const told = summary === null ? '' : `: ${figures(summary)}`
  return `${style.glyph(mark)} ${style.strong(plain(run.title))} ${style.muted(`${run.epic}#${run.number}`)} ${word}${told}`
}

/** The summary, and of a live run what it asks people and how many messages to them are unread. */
function statusJson(run: KnownRun): object | null {
  const summary = summaryOf(run)
  if (summary === null || run.live === undefined) return summary
  const asks = run.live.attention.map(({ id, kind, text, choices, about, since }) => ({
    id,
    kind,
    text,
    choices,
    about,
    since,
  }))
  return { ...summary, asks, unread: run.live.talk.personInbox.length }
}

/** Null for a run of which only the row is known and that never settled. */
function summaryOf(run: KnownRun): RunSummary | null {
  if (run.live !== undefined) return summarise(run.live, now(run))
  return run.summary === null ? null : (JSON.parse(run.summary) as RunSummary)
}

function now(run: KnownRun): number {
  return run.endedAt ?? Math.max(Date.now(), run.startedAt)
}

export interface RunsOptions {
  readonly limit: number
}

export async function runs(context: Context, options: RunsOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const { out } = context
    const shown = (await knownRuns(center)).slice(0, options.limit)
    if (out.json) {
      for (const { live: _, summary: __, ...run } of shown) await out.object({ ...run, run: run.id })
      return EXIT.done
    }
    if (shown.length === 0) await out.line('There are no runs yet. `amphi run EPIC` starts one.')
    const lines = table(
      RUN_COLUMNS,
      shown.map((run) => runRow(context, run)),
      out.style,
      out.columns(),
    )
    for (const line of shown.length === 0 ? [] : lines) await out.line(line)
    return EXIT.done
  })
}

const RUN_COLUMNS = [
  { title: 'RUN', shrinks: true },
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'STARTED' },
  { title: 'TIME', right: true },
  { title: 'TITLE', shrinks: true },
] as const

function runRow(context: Context, run: KnownRun): readonly string[] {
  const { style } = context.out
  const { mark, word } = run.live === undefined ? describeStatus(run.status) : describeRun(run.live)
  const state = `${style.glyph(mark)} ${style.tint(mark, word)}`
  const time = formatDuration(now(run) - run.startedAt)
  return [`${run.epic}#${run.number}`, run.id, state, minute(run.startedAt), time, plain(run.title)]
}

/** `2026-11-21 04:05:06`, local time. */
export function second(time: number): string {
  return `${minute(time)}:${String(new Date(time).getSeconds()).padStart(2, '0')}`
}

/** `2026-11-21 04:05`, local time. */
export function minute(time: number): string {
  const date = new Date(time)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
