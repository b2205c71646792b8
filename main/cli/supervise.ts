import { waitsForPerson } from '../domain/health/person.ts'
import type { RunId } from '../domain/ids.ts'
import { type RunSummary, summarise } from '../domain/metrics.ts'
import type { Run, State } from '../domain/state.ts'
import type { Context } from './context.ts'
import { runName } from './describe.ts'
import { EXIT, type ExitCode, exitCodeFor, worstExitCode } from './exitCodes.ts'
import { currentState, follow } from './follow.ts'
import { watchInterrupts } from './interrupts.ts'
import { type Reporter, reporterFor } from './reporters.ts'
import type { Session } from './session.ts'
import { printSummary } from './summary.ts'

export interface Supervision {
  /** A snapshot from before the runs were started or touched. */
  readonly from: State
  readonly runs: ReadonlySet<RunId>
  /** Runs that are paused with no agent at work count as waiting for a person; so they do for `resume`. */
  readonly endsWhenPaused?: boolean
  /** For events from before `from` that belong to the story. */
  readonly onReporter?: (reporter: Reporter) => Promise<void>
}

/**
 * Shows runs until each has settled or needs a person, prints their summaries, and as a host stays while other runs
 * are under way. Answers the exit code; the session is left open.
 */
export async function supervise(context: Context, session: Session, what: Supervision): Promise<ExitCode> {
  const left = new AbortController()
  const reporter = reporterFor(context.out, what.from, (run) => what.runs.has(run))
  const unwatch = watchInterrupts(context, session.host === undefined ? 'client' : 'host', {
    onAsking: (asking) => {
      reporter.hold(asking)
      if (asking) context.out.note(question(context))
    },
    onStop: () => void stopRuns(context, session, what.runs),
    onLeave: () => left.abort(),
    onGone: () => process.exit(EXIT.interrupted),
  })
  try {
    await what.onReporter?.(reporter)
    const state = await followRuns(session, what, reporter, left.signal)
    reporter.close()
    if (left.signal.aborted) return await leave(context, session, what.runs)
    const code = await printSummaries(context, state, what.runs)
    await keepHosting(context, session, state, what.runs, left.signal)
    return code
  } finally {
    reporter.close()
    unwatch()
  }
}

async function followRuns(
  session: Session,
  what: Supervision,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<State> {
  const { center } = session
  const rest = (state: State) => [...what.runs].every((id) => atRest(state, state.runs.get(id), what))
  // What was asked for may have been done already; then only the way there is left to show.
  const now = await currentState(center)
  const restsNow = rest(now)
  if (restsNow && now.seq <= what.from.seq) return now
  // Events of one commit come one by one. What looks like rest between two of them may be none, and what a person is
  // asked may be yet to come: a rest counts once the engine is at rest too, and is told up to there.
  let end = restsNow ? now.seq : undefined
  return follow(center, what.from, {
    signal,
    onEvent: (event, state) => reporter.event(event, state),
    until: async (state) => {
      if (state.seq < now.seq) return false
      if (!rest(state)) {
        end = undefined
        return false
      }
      if (isOverAll(state, what.runs)) return true
      if (end === undefined) {
        const latest = await currentState(center)
        if (rest(latest)) end = latest.seq
      }
      return end !== undefined && state.seq >= end
    },
  })
}

function isOverAll(state: State, runs: ReadonlySet<RunId>): boolean {
  return [...runs].every((id) => state.runs.get(id)?.endedAt != null)
}

/** Nothing more happens to it by itself. */
function atRest(state: State, run: Run | undefined, what: Supervision): boolean {
  if (run === undefined) return false
  if (run.effects.includes('run.apply') || run.effects.includes('run.discard')) return run.trouble !== null
  if (run.endedAt !== null || waitsForPerson(state, run)) return true
  return what.endsWhenPaused === true && run.paused && run.counts.active === 0
}

/** What Ctrl-C asks a host while agents are at work. */
export function question(context: Context): string {
  const { style } = context.out
  return `${style.glyph('needs-you')} Agents are at work. [s] stop them  [l] leave them at work, to be taken up by \`amphi resume\`  [g] go on`
}

async function stopRuns(context: Context, session: Session, runs: ReadonlySet<RunId>): Promise<void> {
  context.out.note('Stopping. Ctrl-C again ends this at once and leaves the agents at work.')
  for (const run of runs) {
    // A run that is over already, or an engine that is going: either way there is nothing left to stop.
    await session.center.dispatch({ command: { type: 'run.stop', run, force: false } }).catch(() => undefined)
  }
}

async function leave(context: Context, session: Session, runs: ReadonlySet<RunId>): Promise<ExitCode> {
  const state = await currentState(session.center).catch(() => undefined)
  const names = [...runs].map((id) => state?.runs.get(id)).filter((run) => run !== undefined)
  const name = names.length === 1 ? runName(names[0]!) : 'latest'
  if (session.host === undefined) {
    context.out.note(`The run goes on in process ${session.pid}. \`amphi status ${name}\` shows it.`)
  } else {
    context.out.note('Agents are left at work. `amphi resume` takes the run up again.')
  }
  return EXIT.interrupted
}

async function printSummaries(context: Context, state: State, runs: ReadonlySet<RunId>): Promise<ExitCode> {
  const codes: ExitCode[] = []
  for (const id of runs) {
    const run = state.runs.get(id)
    if (run === undefined) continue
    const summary = summarise(run, state.time)
    await printSummary(context, run, summary)
    codes.push(runExitCode(run, summary))
  }
  return worstExitCode(codes)
}

function runExitCode(run: Run, summary: RunSummary): ExitCode {
  return run.endedAt === null ? EXIT.needsPerson : exitCodeFor(summary)
}

/** Whoever hosts the engine carries the runs of others too. */
async function keepHosting(
  context: Context,
  session: Session,
  state: State,
  own: ReadonlySet<RunId>,
  left: AbortSignal,
): Promise<void> {
  if (session.host === undefined) return
  const others = [...state.runs.values()].filter(
    (run) => !own.has(run.id) && !atRest(state, run, { from: state, runs: own }),
  )
  if (others.length > 0) {
    const names = others.map(runName).join(', ')
    context.out.note(`Still hosting ${names}. Ctrl-C leaves them to \`amphi resume\`.`)
  }
  const gone = new Promise<void>((resolve) => {
    if (left.aborted) resolve()
    left.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([session.host.idle(), gone])
}
