import type { EventEnvelope } from '../domain/events.ts'
import type { RunId } from '../domain/ids.ts'
import type { Run, State } from '../domain/state.ts'
import { describeEvent } from './eventLine.ts'
import type { Output } from './output.ts'
import { LiveArea } from './view/live.ts'
import { runView } from './view/runView.ts'
import { pad, truncate } from './view/text.ts'

/** Shows runs while they are followed. `close` leaves the terminal as it was. */
export interface Reporter {
  event(event: EventEnvelope, state: State): Promise<void>
  /** Takes the picture off the screen for a question, or brings it back. */
  hold(held: boolean): void
  close(): void
}

export type ShowsRun = (run: RunId) => boolean

/** JSON where it was asked for, a picture on a terminal, else a line for each change. */
export function reporterFor(out: Output, state: State, shows: ShowsRun): Reporter {
  if (out.json) return jsonReporter(out, shows)
  return out.isTty ? new LiveReporter(out, state, shows) : lineReporter(out, shows)
}

/** Events exactly as stored. Those of no run (the engine's start, a project) belong to every run's story. */
function jsonReporter(out: Output, shows: ShowsRun): Reporter {
  return {
    event: async (event) => {
      if (event.run === null || shows(event.run)) await out.object(event)
    },
    hold: () => {},
    close: () => {},
  }
}

function lineReporter(out: Output, shows: ShowsRun): Reporter {
  const short = saidOnce()
  return {
    event: async (event, state) => {
      if (event.run === null || !shows(event.run)) return
      const text = eventText(event, state, out)
      if (text !== undefined) await out.line(short(text))
    },
    hold: () => {},
    close: () => {},
  }
}

/** Reasons shorter than this are said again: they cost less than looking for them. */
const LONG = 60
/** As many of the last reasons are known to have been said. */
const KNOWN = 8

/**
 * One failure is told by a target, its task, its run and whoever is called; its reason is given in full the first time
 * only.
 */
export function saidOnce(): (line: string) => string {
  const said: string[] = []
  return (line) => {
    const known = said.find((reason) => line.endsWith(reason))
    if (known !== undefined) return `${line.slice(0, -known.length)}as above`
    const reason = line.slice(line.indexOf(': ') + 2)
    if (line.includes(': ') && reason.length >= LONG) said.unshift(reason)
    said.length = Math.min(said.length, KNOWN)
    return line
  }
}

const SUBJECT_CELLS = 28

/** `04:05:06  ◔ BuildMaster/compile-api#1     running` */
export function eventText(event: EventEnvelope, state: State, out: Output): string | undefined {
  const told = describeEvent(event, state)
  if (told === undefined) return undefined
  const { style } = out
  const line = `${clock(event.time)}  ${style.glyph(told.mark)} ${pad(told.subject, SUBJECT_CELLS)}  ${told.text}`
  return out.isTty ? truncate(line, out.columns(), style.ellipsis) : line
}

export function clock(time: number): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':')
}

/** At most so often is the picture drawn anew, ms; and so often though nothing happened, for the clocks in it. */
const SOONEST_MS = 100
const LATEST_MS = 1_000

class LiveReporter implements Reporter {
  readonly #out: Output
  readonly #shows: ShowsRun
  readonly #area: LiveArea
  readonly #ticker: NodeJS.Timeout
  /** Engine time minus this process's clock, ms: clocks in the picture run on between events. */
  #skew = 0
  #state: State
  /** Set while a drawing is due. */
  #due: NodeJS.Timeout | undefined
  #held = false
  #closed = false

  constructor(out: Output, state: State, shows: ShowsRun) {
    this.#out = out
    this.#state = state
    this.#shows = shows
    // A slow terminal only makes the picture late: what is drawn next replaces it.
    this.#area = new LiveArea((text) => void out.write(text).catch(() => {}))
    this.#ticker = setInterval(() => this.#draw(), LATEST_MS)
    this.#draw()
  }

  async event(event: EventEnvelope, state: State): Promise<void> {
    this.#state = state
    this.#skew = event.time - Date.now()
    this.#due ??= setTimeout(() => this.#draw(), SOONEST_MS)
  }

  hold(held: boolean): void {
    this.#held = held
    if (held) this.#area.clear()
    else this.#draw()
  }

  /** A second time changes nothing: by then others write to the terminal. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#ticker)
    this.#draw()
    this.#area.done()
  }

  #draw(): void {
    clearTimeout(this.#due)
    this.#due = undefined
    if (this.#held) return
    const runs = [...this.#state.runs.values()].filter((run) => this.#shows(run.id))
    if (runs.length > 0) this.#area.draw(this.#views(runs))
  }

  /** Newest runs first where they do not all fit. */
  #views(runs: readonly Run[]): readonly string[] {
    const { style } = this.#out
    const columns = this.#out.columns()
    const room = Math.max(6, this.#out.rows() - 1)
    const shown = runs.slice(-Math.max(1, Math.floor(room / 8)))
    const rows = Math.floor(room / shown.length)
    const now = Date.now() + this.#skew
    return shown.flatMap((run) => runView(run, now, style, { columns, rows })).slice(0, room)
  }
}
