import type { Draft } from '../draft.ts'
import type { HeapEntry } from '../heap.ts'
import type { RunId } from '../ids.ts'
import { setsConflict } from '../locks/meet.ts'
import { MOST_OVERTAKEN } from '../locks/table.ts'
import { locksOfTask } from '../locks/taskLocks.ts'
import type { ProjectRecord, Run, State } from '../state.ts'
import { mayClash, meetsIn } from './learning.ts'
import { liveAttempt } from './parties.ts'
import { reorderFrom } from './prediction.ts'

/** Who has work under way that a ready task probably clashes with. */
export interface Rival {
  readonly holder: string
  readonly file: string
  /** 0 to 1. */
  readonly odds: number
  /** Its work is being saved and merged this very moment: who waits for that begins with it. */
  readonly isEnding: boolean
}

/**
 * The likeliest clash of a ready task with work that is not merged yet, from the odds on that its policy names. Work
 * that its locks keep it apart from is none: it waits for that in line, and without a slot.
 */
export function rivalOf(state: State, run: Run, task: number): Rival | undefined {
  const project = state.projects.get(run.project)!
  const spec = run.plan.tasks[task]!
  const from = reorderFrom(run.plan.prediction)
  const { grants, folded } = project.locks
  if (from === null || grants.length === 0) return undefined
  let likeliest: Rival | undefined
  for (const { file, clash, odds } of mayClash(project.clashes, spec)) {
    if (odds < from || (likeliest !== undefined && odds <= likeliest.odds)) continue
    const rival = grants.find(
      ({ holder, locks }) =>
        meetsIn(clash, file, holder, locks) && !setsConflict(locksOfTask(spec), locks, folded),
    )
    if (rival === undefined) continue
    likeliest = { holder: rival.holder, file, odds, isEnding: isEnding(state, rival.holder) }
  }
  return likeliest
}

/** In a merge queue it may take long, and so it may where something outside does not do its part. */
function isEnding(state: State, holder: string): boolean {
  const attempt = liveAttempt(state, holder)?.attempt
  return attempt?.state === 'COMPLETING' && attempt.queuedAt === undefined && attempt.trouble === null
}

interface Passed {
  readonly run: RunId
  readonly task: number
  readonly rival: Rival
  /** How often others went first, for good and for now. */
  readonly times: number
}

/**
 * One round of scheduling, in which ready tasks are put behind others of the same priority. It costs nothing where no
 * clash was learned; and nobody is put behind more often than a waiter for locks is overtaken.
 */
export class Reordering {
  readonly #passed = new Map<string, Passed>()

  /** Undefined for a task that takes its turn. */
  rival(state: State, run: Run, task: number): Rival | undefined {
    const { clashes } = state.projects.get(run.project)!
    if (isEmpty(clashes) || this.#times(run, task) >= MOST_OVERTAKEN) return undefined
    return rivalOf(state, run, task)
  }

  /** Another one went first. */
  pass(run: Run, { task }: HeapEntry, rival: Rival): void {
    const times = this.#times(run, task) + 1
    this.#passed.set(keyOf(run, task), { run: run.id, task, rival, times })
  }

  /** Goes on record for those that are ready still: who began in the same round lost nothing. */
  record(draft: Draft): void {
    for (const { run, task, rival, times } of this.#passed.values()) {
      if (draft.state.runs.get(run)?.tasks.get(task)?.ready !== true) continue
      const { holder, file, odds } = rival
      draft.emitRun(run, { type: 'task.postponed', task, behind: holder, file, odds, times })
    }
  }

  #times(run: Run, task: number): number {
    return this.#passed.get(keyOf(run, task))?.times ?? run.tasks.get(task)!.postponed?.times ?? 0
  }
}

function keyOf(run: Run, task: number): string {
  return `${run.id}/${task}`
}

function isEmpty(clashes: ProjectRecord['clashes']): boolean {
  for (const _ in clashes) return false
  return true
}
