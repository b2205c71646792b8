import { assertNever } from '../domain/assertNever.ts'
import { formatDuration } from '../domain/duration.ts'
import { agentName, parseAttemptId } from '../domain/ids.ts'
import type { Run } from '../domain/state.ts'
import { type Mark, runStatus, type StatusWord, statusLook, taskStatus, type Why } from '../domain/status.ts'
import { plain } from './view/text.ts'

/** States in the words of the window: what it is, and why it is where it is. */
export interface Description {
  readonly mark: Mark
  /** One or two words: `running`, `waits`. */
  readonly word: string
  /** The reason; empty where the word says all. */
  readonly detail: string
  /** RUNNING time, ms; null before it started. */
  readonly ms: number | null
}

/** A task's name, and of an agent at work on it or the last that was. */
export function nameOf(run: Run, index: number): string {
  const task = run.tasks.get(index)!
  const id = run.plan.tasks[index]!.id
  const last = task.current ?? task.past.at(-1)
  return last === undefined ? id : agentName(last.role, id, last.n)
}

export function runName(run: { readonly plan: { readonly epic: string }; readonly number: number }): string {
  return `${run.plan.epic}#${run.number}`
}

export function describeTask(run: Run, index: number, now: number): Description {
  const { mark, word, why, ms } = taskStatus(run, index, now)
  return { mark, word: wordOf(word), detail: why === null ? '' : detailOf(run, why, now), ms }
}

function wordOf(word: StatusWord | string): string {
  return word.replace('-', ' ')
}

function detailOf(run: Run, why: Why, now: number): string {
  switch (why.kind) {
    case 'preparing':
      return 'for the code to be copied'
    case 'run-paused':
      return 'the run is paused'
    case 'phase':
      return `for phase ${plain(run.plan.phases[why.phase]?.name ?? '')}`
    case 'needs':
      return `for ${names(run, why.tasks)}`
    case 'capacity':
      return 'for a free agent'
    case 'postponed':
      return putBehind(why)
    case 'held':
      return heldFor(why.conflict, why.behind)
    case 'locks':
      return lockedBy(why.holders)
    case 'retry':
      return `tries again in ${formatDuration(why.at - now)}`
    case 'asked':
      return plain(why.attention.text)
    case 'trouble':
      return plain(why.error)
    case 'copying':
      return 'copying the code'
    case 'merging':
      return 'merging its work'
    case 'merge-queue':
      return `in the merge queue (${ordinal(why.place)})${why.held ? ', held up' : ''}`
    case 'merge-check': {
      const time = `${formatDuration(Math.max(0, now - why.since))} of at most ${formatDuration(why.limitMs)}`
      const alone = `merge-check#${why.check}, ${time}`
      return why.others.length === 0 ? alone : `${alone}, with ${names(run, why.others)}`
    }
    case 'gates': {
      const named = why.gates.map(plain).join(' and ')
      return why.waiting ? `gate ${named} waits for approval` : `for gate ${named}`
    }
    case 'saving':
      return 'saving its work'
    case 'time-limit':
      return 'over its time limit'
    case 'stopping':
      return why.cause
    case 'cause':
      return plain(why.text)
    default:
      return assertNever(why, 'unknown reason')
  }
}

/** Why an agent stands still. */
export function heldFor(conflict: string, behind: string | null): string {
  if (behind === null) return `stands still for conflict ${conflict}`
  const name = plain(parseAttemptId(behind)?.task ?? behind)
  return `stands still until ${name} is merged (conflict ${conflict})`
}

/** Why others began first. */
export function putBehind({
  behind,
  file,
  odds,
}: {
  readonly behind: string
  readonly file: string
  readonly odds: number
}): string {
  const name = plain(parseAttemptId(behind)?.task ?? behind)
  return `put behind others: may clash with ${name} in ${plain(file)} (odds of ${Math.round(odds * 100)} %)`
}

function lockedBy(holders: readonly string[]): string {
  const [first] = holders
  if (first === undefined) return 'for its locks'
  const more = holders.length - 1
  return `locked by ${parseAttemptId(first)?.task ?? plain(first)}${more === 0 ? '' : ` and ${more} more`}`
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
function ordinal(place: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd', other: 'th' } as Readonly<Record<string, string>>
  return `${place}${ending[ORDINALS.select(place)]}`
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' })

/** At most two of them by name. */
function names(run: Run, tasks: readonly number[]): string {
  const first = tasks.slice(0, 2).map((need) => run.plan.tasks[need]!.id)
  const more = tasks.length - first.length
  return `${first.join(' and ')}${more === 0 ? '' : ` and ${more} more`}`
}

/** A run as a whole. */
export function describeRun(run: Run): { readonly mark: Mark; readonly word: string } {
  const { mark, word } = runStatus(run)
  return { mark, word: wordOf(word) }
}

export function describeStatus(status: string): { readonly mark: Mark; readonly word: string } {
  return statusLook(status)
}
