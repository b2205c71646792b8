import type { EventEnvelope } from '../../domain/events.ts'
import type { RunId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'
import { withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import type { Reporter } from '../reporters.ts'
import type { Session } from '../session.ts'
import { supervise } from '../supervise.ts'

/** `amphi resume`: hosts the engine and stays until every unfinished run has settled or needs a person. */
export async function resume(context: Context): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const from = await currentState(session.center)
    const runs = unfinished(from)
    if (runs.length > 0) return carryOn(context, session, from, runs)
    if (!context.out.json) await context.out.line('Nothing to resume: no run is unfinished.')
    return EXIT.done
  })
}

/** Follows runs to their rest; `from` is a snapshot from before they were touched. */
export async function carryOn(
  context: Context,
  session: Session,
  from: State,
  runs: readonly RunId[],
): Promise<ExitCode> {
  if (session.host === undefined)
    context.out.note(`Process ${session.pid} is at it already; this follows it.`)
  return supervise(context, session, {
    from,
    runs: new Set(runs),
    endsWhenPaused: true,
    onReporter: (reporter) => tellStart(context, session, from, reporter),
  })
}

export function unfinished(state: State): readonly RunId[] {
  const open = [...state.runs.values()].filter((run) => run.endedAt === null || run.effects.length > 0)
  return open.map((run) => run.id)
}

const LOOK_BACK = 2_000

/**
 * What this engine found and did while it started comes before the snapshot; for the story to be whole, JSON output
 * begins with its `engine.started`.
 */
async function tellStart(context: Context, session: Session, from: State, reporter: Reporter): Promise<void> {
  if (!context.out.json || session.host === undefined) return
  const after = Math.max(0, from.seq - LOOK_BACK)
  const past = await session.center.history({ after, limit: LOOK_BACK })
  for (const event of sinceStart(past)) if (event.seq <= from.seq) await reporter.event(event, from)
}

function sinceStart(past: readonly EventEnvelope[]): readonly EventEnvelope[] {
  const start = past.findLastIndex(({ data }) => data.type === 'engine.started' && data.pid === process.pid)
  return start === -1 ? [] : past.slice(start)
}
