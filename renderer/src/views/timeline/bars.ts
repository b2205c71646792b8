import type { AttentionKind, DomainEvent, EventEnvelope } from '../../../../main/domain/events.ts'
import { evolve } from '../../../../main/domain/evolve.ts'
import type { RoleName, RunId } from '../../../../main/domain/ids.ts'
import { EMPTY_STATE, type Run, type State } from '../../../../main/domain/state.ts'
import type { TerminationCause } from '../../../../main/domain/states.ts'
import { upcast } from '../../../../main/domain/upcast.ts'

/** One attempt of a task; times are engine time, ms, null while they are to come. */
export interface Bar {
  readonly n: number
  readonly role: RoleName
  /** From then on it could have been taken; null where it was not waited for. */
  readonly readyAt: number | null
  readonly assignedAt: number
  readonly startedAt: number | null
  /** The process was over. */
  readonly exitedAt: number | null
  /** Its work was recorded and merged, or it was given up. */
  readonly endedAt: number | null
  readonly end: 'succeeded' | TerminationCause | null
  readonly pauses: readonly Span[]
}

/** `to` is null while it lasts. */
export interface Span {
  readonly from: number
  readonly to: number | null
}

/** A person was asked or told something. */
export interface Sign {
  readonly id: string
  readonly kind: AttentionKind
  readonly task: number | null
  readonly text: string
  readonly from: number
  readonly to: number | null
}

/** A run as it went, for drawing, and for going back to any moment of it. */
export interface Chart {
  /** As it is after the last event. */
  readonly run: Run
  /** By the task's index in the plan, oldest attempt first. */
  readonly bars: readonly (readonly Bar[])[]
  readonly signs: readonly Sign[]
  /** When the whole run was paused. */
  readonly pauses: readonly Span[]
  readonly events: readonly EventEnvelope[]
  /** The run after every so many events; states share what did not change, so this costs little. */
  readonly frames: readonly Frame[]
}

interface Frame {
  /** Events folded in. */
  readonly count: number
  readonly run: Run
}

const FRAME_EVERY = 500

/** From all events of a run; undefined before it began. */
export function chartOf(
  events: readonly EventEnvelope[],
  projects: State['projects'],
  id: RunId,
): Chart | undefined {
  const first = events.findIndex((event) => event.type === 'run.started')
  if (first < 0) return undefined
  const begun = evolve({ ...EMPTY_STATE, projects }, upcast(events[first]!)).runs.get(id)
  if (begun === undefined) return undefined
  const empty: Chart = {
    run: begun,
    bars: begun.plan.tasks.map(() => []),
    signs: [],
    pauses: [],
    events: events.slice(first, first + 1),
    frames: [{ count: 1, run: begun }],
  }
  return extendChart(empty, events.slice(first + 1))
}

/** With further events of its run folded in; those it has already are passed over. */
export function extendChart(chart: Chart, events: readonly EventEnvelope[]): Chart {
  const seen = chart.events.at(-1)!.seq
  const fresh = events.filter((event) => event.seq > seen && event.run === chart.run.id)
  if (fresh.length === 0) return chart
  const draft = new Draft(chart)
  for (const event of fresh) draft.add(upcast(event))
  return draft.done()
}

/** Copies of what a batch of events changes, once a batch. */
class Draft {
  #state: State
  readonly #id: RunId
  readonly #bars: (readonly Bar[])[]
  #signs: readonly Sign[]
  #pauses: readonly Span[]
  readonly #events: EventEnvelope[]
  readonly #frames: Frame[]

  constructor({ run, bars, signs, pauses, events, frames }: Chart) {
    this.#id = run.id
    this.#state = { ...EMPTY_STATE, runs: new Map([[run.id, run]]) }
    this.#bars = [...bars]
    this.#signs = signs
    this.#pauses = pauses
    this.#events = [...events]
    this.#frames = [...frames]
  }

  add(event: EventEnvelope): void {
    const before = this.#run
    this.#events.push(event)
    // What is put away is still looked at; what comes back comes with all it had.
    if (event.type !== 'run.retired') this.#state = evolve(this.#state, event)
    this.#see(event.data, event.time, before)
    if (this.#events.length % FRAME_EVERY === 0) {
      this.#frames.push({ count: this.#events.length, run: this.#run })
    }
  }

  done(): Chart {
    return {
      run: this.#run,
      bars: this.#bars,
      signs: this.#signs,
      pauses: this.#pauses,
      events: this.#events,
      frames: this.#frames,
    }
  }

  get #run(): Run {
    return this.#state.runs.get(this.#id)!
  }

  #see(data: DomainEvent, time: number, before: Run): void {
    if (data.type === 'task.assigned') {
      const { readyAt } = before.tasks.get(data.task)!
      const { attempt: n, role } = data
      const bar = { n, role, readyAt, assignedAt: time, startedAt: null, exitedAt: null, endedAt: null }
      this.#bars[data.task] = [...this.#bars[data.task]!, { ...bar, end: null, pauses: [] }]
      return
    }
    const change = changeBy(data, time)
    if (change === undefined || !('attempt' in data)) {
      this.#seeRun(data, time)
      return
    }
    const { task, attempt } = data
    if (task === null) return
    this.#bars[task] = this.#bars[task]!.map((bar) => (bar.n === attempt ? { ...bar, ...change(bar) } : bar))
  }

  #seeRun(data: DomainEvent, time: number): void {
    switch (data.type) {
      case 'attention.raised': {
        const { id, kind, task, text } = data
        this.#signs = [...this.#signs, { id, kind, task, text, from: time, to: null }]
        return
      }
      case 'attention.resolved':
        this.#signs = this.#signs.map((sign) =>
          sign.id === data.id && sign.to === null ? { ...sign, to: time } : sign,
        )
        return
      case 'run.paused':
        this.#pauses = [...this.#pauses, { from: time, to: null }]
        return
      case 'run.continued':
      case 'run.settled':
        this.#pauses = closed(this.#pauses, time)
        return
      default:
    }
  }
}

/** What an event does to the bar of its attempt; undefined for events of other things. */
function changeBy(data: DomainEvent, time: number): ((bar: Bar) => Partial<Bar>) | undefined {
  switch (data.type) {
    case 'agent.started':
      return (bar) => ({ startedAt: bar.startedAt ?? time })
    case 'agent.exited':
      return (bar) => ({
        exitedAt: Math.max(bar.startedAt ?? 0, time - data.lagMs),
        pauses: closed(bar.pauses, time),
      })
    case 'agent.terminated':
      return (bar) => ({
        exitedAt: bar.exitedAt ?? time,
        endedAt: time,
        end: data.cause,
        pauses: closed(bar.pauses, time),
      })
    case 'task.completed':
      return () => ({ endedAt: time, end: 'succeeded' })
    case 'agent.pausing':
      return (bar) => ({ pauses: [...bar.pauses, { from: time, to: null }] })
    case 'agent.resuming':
      return (bar) => ({ pauses: closed(bar.pauses, time) })
    default:
      return undefined
  }
}

function closed(spans: readonly Span[], time: number): readonly Span[] {
  return spans.at(-1)?.to === null ? [...spans.slice(0, -1), { ...spans.at(-1)!, to: time }] : spans
}

/** The run as it was at a moment, ms of engine time; before its start it is as it was when it started. */
export function runAt({ events, frames }: Chart, time: number): Run {
  let low = 1
  let high = events.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (events[middle - 1]!.time <= time) low = middle
    else high = middle - 1
  }
  const frame = frames.findLast((one) => one.count <= low) ?? frames[0]!
  let state: State = { ...EMPTY_STATE, runs: new Map([[frame.run.id, frame.run]]) }
  for (const event of events.slice(frame.count, low)) {
    if (event.type !== 'run.retired') state = evolve(state, event)
  }
  return state.runs.get(frame.run.id)!
}
