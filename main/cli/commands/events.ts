import type { EventEnvelope } from '../../domain/events.ts'
import { evolve } from '../../domain/evolve.ts'
import { EMPTY_STATE, type State } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { theRun, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownRun } from '../references.ts'
import { clock, eventText } from '../reporters.ts'

export interface EventsOptions {
  readonly from: number
  readonly follow: boolean
  readonly run?: string
}

const PAGE = 1_000

/** `amphi events`: the log, from a sequence number on. */
export async function events(context: Context, options: EventsOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const run = options.run === undefined ? undefined : await theRun(center, options.run)
    const print = printer(context)
    const last = await stored(center, options.from, run, print)
    if (!options.follow) return EXIT.done
    const over = new AbortController()
    const stop = () => over.abort()
    process.once('SIGINT', stop)
    try {
      for await (const event of center.events(last, over.signal)) {
        if (run === undefined || event.run === run.id) await print(event)
      }
    } finally {
      process.off('SIGINT', stop)
    }
    return EXIT.interrupted
  })
}

type Print = (event: EventEnvelope) => Promise<void>

/** Prints what is stored and answers the sequence number it came to. */
async function stored(
  center: ControlCenter,
  from: number,
  run: KnownRun | undefined,
  print: Print,
): Promise<number> {
  let after = from
  for (;;) {
    const page = await center.history({ after, limit: PAGE, ...(run === undefined ? {} : { run: run.id }) })
    for (const event of page) {
      await print(event)
      after = event.seq
    }
    if (page.length < PAGE) return after
  }
}

function printer(context: Context): Print {
  const { out } = context
  if (out.json) return (event) => out.object(event)
  let state: State = EMPTY_STATE
  return async (event) => {
    state = fold(state, event)
    const text = eventText(event, state, out) ?? `${clock(event.time)}    ${event.type}`
    await out.line(`${String(event.seq).padStart(7)}  ${text}`)
  }
}

/** Names come from the state. Begun in the middle of the log, there may be none to fold onto: then ids are shown. */
function fold(state: State, event: EventEnvelope): State {
  try {
    return evolve(state, event)
  } catch {
    return state
  }
}
