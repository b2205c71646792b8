import type { EventEnvelope } from '../../../../main/domain/events.ts'
import type { MergeQueue } from '../../../../main/domain/merging/mergeQueue.ts'

/** One check of a run's merge queue, and what came of it. */
export interface Check {
  readonly n: number
  /** The first of the queue then; none: the branch itself. */
  readonly tasks: readonly number[]
  readonly unchecked: boolean
  readonly since: number
  /** Null while it is under way. */
  readonly endedAt: number | null
  readonly result: 'under-way' | 'passed' | 'merged' | 'failed' | 'lost' | 'called-off'
  /** How it failed, with the end of its output. */
  readonly detail: string
}

/** Work that was not merged: the check fails with it and passes without, or it does not fit textually. */
export interface TakenOut {
  readonly task: number
  readonly attempt: number
  readonly check: number
  readonly why: 'breaks' | 'clashes'
  /** How the check failed; the files that clash. */
  readonly detail: string
  readonly at: number
}

export interface MergeLog {
  /** Oldest first. */
  readonly checks: readonly Check[]
  readonly out: readonly TakenOut[]
}

export const MERGE_LOG_EVENTS: ReadonlySet<string> = new Set([
  'merge.check-started',
  'merge.check-ended',
  'merge.advanced',
  'merge.held',
  'work.rejected',
  'work.conflicted',
])

/** From the events of one run, oldest first. `queue`: as it is after them; what it does not check any more was called off. */
export function mergeLog(events: readonly EventEnvelope[], queue: MergeQueue | undefined): MergeLog {
  const checks: Check[] = []
  const out: TakenOut[] = []
  const change = (n: number, to: Partial<Check>): void => {
    const at = checks.findLastIndex((check) => check.n === n)
    if (at >= 0) checks[at] = { ...checks[at]!, ...to }
  }
  const callOff = (endedAt: number, detail = ''): void => {
    const last = checks.at(-1)
    if (last !== undefined && isOpen(last)) change(last.n, { result: 'called-off', endedAt, detail })
  }
  let latest = 0
  for (const { data, time } of events) {
    latest = time
    switch (data.type) {
      case 'merge.check-started': {
        callOff(time)
        const { check: n, tasks, unchecked } = data
        checks.push({ n, tasks, unchecked, since: time, endedAt: null, result: 'under-way', detail: '' })
        break
      }
      case 'merge.check-ended':
        change(data.check, { result: data.result, detail: data.detail, endedAt: time })
        break
      case 'merge.advanced':
        change(data.check, { result: 'merged', endedAt: time })
        break
      case 'merge.held':
        callOff(time, data.reason)
        break
      case 'work.rejected': {
        const { task, attempt, check, detail } = data
        out.push({ task, attempt, check, why: 'breaks', detail, at: time })
        break
      }
      case 'work.conflicted': {
        const last = checks.at(-1)
        if (last === undefined || !last.tasks.includes(data.task) || last.endedAt !== null) break
        const { task, attempt, files } = data
        out.push({ task, attempt, check: last.n, why: 'clashes', detail: files.join(', '), at: time })
        break
      }
      default:
    }
  }
  if (queue?.check?.n !== checks.at(-1)?.n) callOff(latest)
  return { checks, out }
}

/** It has not come to an end: also one that passed, until the branch is moved. */
function isOpen({ result, tasks }: Check): boolean {
  return result === 'under-way' || (result === 'passed' && tasks.length > 0)
}

/** So many were merged on a check, or without one because a person wanted that. */
export function mergedIn({ checks }: MergeLog): number {
  return checks.reduce((sum, { result, tasks }) => (result === 'merged' ? sum + tasks.length : sum), 0)
}
