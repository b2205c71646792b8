import { useLayoutEffect, useState, useSyncExternalStore } from 'react'
import type { Run, TaskRecord } from '../../../../main/domain/state.ts'
import { MARKS, type Mark, type StatusWord, taskStatus } from '../../../../main/domain/status.ts'
import type { Estimate } from '../../state/estimates.ts'
import { askedAbout } from './calls.ts'

/** How a task looks from afar; the same object for the same look. */
export interface Look {
  readonly mark: Mark
  readonly word: StatusWord
  /** A person is asked about it, whatever its state: it failed, say, and may be tried again. */
  readonly asked: boolean
}

/** By mark; those a person is asked about count among `needs-you` as well. */
export type Counts = Readonly<Record<Mark, number>>

/**
 * The looks of a run's tasks. A new state of the run costs one comparison a task; only seats whose look has changed
 * hear of it.
 */
export class SeatStates {
  run: Run
  #looks: Look[]
  #counts: Counts
  #asked: ReadonlySet<number>
  readonly #seats = new Map<number, Set<() => void>>()
  readonly #all = new Set<() => void>()

  constructor(run: Run) {
    this.run = run
    this.#asked = askedAbout(run)
    this.#looks = run.plan.tasks.map((_, index) => lookOf(run, index, this.#asked.has(index)))
    this.#counts = count(this.#looks)
  }

  /** A later (or earlier) state of the same run. */
  take(run: Run): void {
    const before = this.run
    if (run === before) return
    this.run = run
    const asked = run.attention === before.attention ? this.#asked : askedAbout(run)
    const wasAsked = this.#asked
    this.#asked = asked
    let changed = false
    const tell = new Set<() => void>()
    for (let index = 0; index < run.tasks.length; index++) {
      const same = run.tasks.get(index) === before.tasks.get(index)
      if (same && (asked === wasAsked || asked.has(index) === wasAsked.has(index))) continue
      const look = lookOf(run, index, asked.has(index))
      if (look === this.#looks[index]) continue
      this.#looks[index] = look
      changed = true
      for (const listener of this.#seats.get(index) ?? []) tell.add(listener)
    }
    if (!changed) return
    this.#counts = count(this.#looks)
    for (const listener of tell) listener()
    for (const listener of this.#all) listener()
  }

  look = (index: number): Look => this.#looks[index]!

  counts = (): Counts => this.#counts

  /** Hears when one of these tasks looks another way. */
  watch(tasks: readonly number[], listener: () => void): () => void {
    for (const task of tasks) {
      const known = this.#seats.get(task) ?? new Set()
      this.#seats.set(task, known.add(listener))
    }
    return () => {
      for (const task of tasks) this.#seats.get(task)?.delete(listener)
    }
  }

  /** Hears when any does. */
  watchAll = (listener: () => void): (() => void) => {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  /** What is known of how long its tasks take; undefined once it is over. */
  estimate: Estimate | undefined
}

const LOOKS = new Map<string, Look>()

/** Mark and word follow from the task's own record alone, which is what makes `take` cheap. */
function lookOf(run: Run, index: number, asked: boolean): Look {
  const { mark, word } = isIdle(run.tasks.get(index)!) ? IDLE : taskStatus(run, index, 0)
  const key = `${mark} ${word} ${asked}`
  const known = LOOKS.get(key)
  if (known !== undefined) return known
  const made = { mark, word, asked }
  LOOKS.set(key, made)
  return made
}

const IDLE: Omit<Look, 'asked'> = { mark: 'waiting', word: 'waits' }

/** Waits, whatever for: why is asked only for the one that is looked at. */
function isIdle({ outcome, state, current }: TaskRecord): boolean {
  return outcome === null && state !== 'BLOCKED' && current === null
}

function count(looks: readonly Look[]): Counts {
  const counts = Object.fromEntries(MARKS.map((mark) => [mark, 0])) as Record<Mark, number>
  for (const look of looks) {
    counts[look.mark] += 1
    if (look.asked && look.mark !== 'needs-you') counts['needs-you'] += 1
  }
  return counts
}

/** For one run as long as it is on the screen: give the component that asks the run's id as its key. */
export function useSeatStates(run: Run): SeatStates {
  const [states] = useState(() => new SeatStates(run))
  useLayoutEffect(() => states.take(run), [states, run])
  return states
}

export function useLook(states: SeatStates, index: number): Look {
  const [subscribe] = useState(() => (listener: () => void) => states.watch([index], listener))
  return useSyncExternalStore(subscribe, () => states.look(index))
}

/** How many of these tasks look which way, as one text: `waiting:3 done:2`. Counted, and as calm, as `useCounts`. */
export function useTally(states: SeatStates, tasks: readonly number[]): string {
  const [subscribe] = useState(() => calmly((listener) => states.watch(tasks, listener)))
  return useSyncExternalStore(subscribe, () => tallyOf(states, tasks))
}

export function tallyOf(states: SeatStates, tasks: readonly number[]): string {
  const counts = new Map<Mark, number>()
  for (const task of tasks) {
    const { mark, asked } = states.look(task)
    if (asked) counts.set('needs-you', (counts.get('needs-you') ?? 0) + 1)
    if (!asked || mark !== 'needs-you') counts.set(mark, (counts.get(mark) ?? 0) + 1)
  }
  return URGENCY.flatMap((mark) => (counts.has(mark) ? [`${mark}:${counts.get(mark)}`] : [])).join(' ')
}

export function parseTally(tally: string): readonly (readonly [Mark, number])[] {
  return tally.split(' ').map((part) => {
    const [mark, number] = part.split(':')
    return [mark as Mark, Number(number)]
  })
}

/** A few times a second at most: nobody reads numbers faster. */
export function useCounts(states: SeatStates): Counts {
  const [subscribe] = useState(() => calmly(states.watchAll))
  return useSyncExternalStore(subscribe, states.counts)
}

const CALM_MS = 200

type Subscribe = (listener: () => void) => () => void

function calmly(subscribe: Subscribe): Subscribe {
  return (listener) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        listener()
      }, CALM_MS)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }
}

/** Does it count as `mark`? */
export function isMarked(look: Look, mark: Mark): boolean {
  return look.mark === mark || (mark === 'needs-you' && look.asked)
}

/** What matters most first. */
export const URGENCY: readonly Mark[] = [
  'needs-you',
  'conflict',
  'failed',
  'blocked',
  'running',
  'waiting',
  'done',
]
