import { type Draft, reject, type Verdict } from '../draft.ts'
import { tryAgain } from '../failure.ts'
import type { ProjectId } from '../ids.ts'
import { reconcileRegistered } from '../registered/ending.ts'
import { hasNoProcess } from '../state.ts'
import { isUnfinished, notToBeAllowed, rule } from '../strays/ruling.ts'
import { tell } from '../talk/sending.ts'
import { actionsFor, type Conflict, type ConflictAction, keepsOne } from './conflict.ts'
import { hold, notToBeStopped, reconcile, terminate } from './holding.ts'
import { hears, isLive, liveAttempt, nameOfHolder, partyInfo } from './parties.ts'
import { dropQuestions, namesOf, ofProject } from './raising.ts'
import { wordsForStopped } from './stopped.ts'
import { cannotWaitFor } from './waiting.ts'

export interface Choice {
  readonly action: ConflictAction
  /** Who goes on; the one with the better claim where nobody is named. */
  readonly keep: string | null
  /** `person:ann`, `agents`, `engine`. */
  readonly by: string
}

/** Carries out what was chosen for an open conflict, or says why it cannot be done. */
export function settle(draft: Draft, project: ProjectId, conflict: Conflict, choice: Choice): Verdict {
  const { action } = choice
  const possible = actionsFor(conflict.cause)
  if (!possible.includes(action))
    return reject('invalid', `${conflict.id} can be settled with ${possible.join(', ')}`)
  const keep = keepsOne(action) ? (choice.keep ?? keptBy(draft, project, conflict, action)) : null
  if (keep !== null && !conflict.parties.includes(keep))
    return reject(
      'invalid',
      `${keep} has no part in ${conflict.id}: it is between ${namesOf(conflict.parties)}`,
    )
  const others = conflict.parties.filter((holder) => holder !== keep)
  const losers = losersOf(conflict, choice, others)
  if (action === 'terminate') {
    const writer = conflict.parties.at(-1)!
    if (losers === others && conflict.cause === 'undeclared-write' && liveAttempt(draft.state, writer))
      return reject(
        'invalid',
        `${nameOfHolder(writer)} wrote what it does not hold: allow it, if it is to go on`,
      )
    const live = losers.filter((holder) => isLive(draft.state, holder, project))
    const fixed = live.map((holder) => notToBeStopped(draft, holder)).find((why) => why !== undefined)
    if (fixed !== undefined) return reject('not-now', fixed)
  }
  if (action === 'wait') {
    const never = cannotWaitFor(draft.state, project, keep!, losers)
    if (never !== undefined) return reject('not-now', never)
  }
  const denied = action === 'allow' ? notToBeAllowed(draft, conflict) : undefined
  if (denied !== undefined) return reject('not-now', denied)
  // Where all are stopped, the one with the better claim is, too.
  const kept = action === 'terminate' && keep !== null && losers.includes(keep) ? null : keep
  draft.emit(ofProject(project), {
    type: 'conflict.resolved',
    id: conflict.id,
    action,
    keep: kept,
    by: choice.by,
    detail: wordsFor(conflict, action, kept, losers),
  })
  dropQuestions(draft, conflict, action)
  carryOut(draft, project, conflict, action, kept, losers)
  return undefined
}

/** Those whose files were written have done nothing; only who names the writer as the one to go on ends them. */
function losersOf(
  { cause, parties }: Conflict,
  { keep }: Choice,
  others: readonly string[],
): readonly string[] {
  if (others.length === 0) return parties
  const writer = parties.slice(-1)
  return cause === 'undeclared-write' && keep !== writer[0] ? writer : others
}

/** Who goes on where nobody is named. Nobody waits for one that waits itself. */
function keptBy(draft: Draft, project: ProjectId, conflict: Conflict, action: ConflictAction): string {
  const first = conflict.recommendation.keep ?? conflict.parties[0]!
  if (action !== 'wait' || !partyInfo(draft.state, first, project).blocked) return first
  const atWork = conflict.parties.find((holder) => {
    const { live, blocked } = partyInfo(draft.state, holder, project)
    return live && !blocked
  })
  return atWork ?? first
}

function carryOut(
  draft: Draft,
  project: ProjectId,
  conflict: Conflict,
  action: ConflictAction,
  keep: string | null,
  losers: readonly string[],
): void {
  switch (action) {
    case 'terminate':
      for (const holder of losers) terminate(draft, holder, wordsForStopped(conflict, holder, keep), project)
      return
    case 'wait':
      if (keep !== null && isLive(draft.state, keep, project))
        for (const holder of losers) hold(draft, holder, conflict.id, keep)
      return
    case 'split':
      for (const holder of losers)
        say(draft, holder, conflict, `Leave ${conflict.files.join(', ')} to ${nameOfHolder(keep!)}.`)
      return
    case 'merge':
      for (const holder of conflict.parties) mergeAgain(draft, holder, conflict)
      return
    case 'allow':
      say(draft, conflict.parties.at(-1)!, conflict, 'Your changes in them are yours, and are committed.')
      rule(draft, conflict, 'allow')
      return
    case 'discard':
      say(
        draft,
        conflict.parties.at(-1)!,
        conflict,
        'Go on without your changes in them: they are not committed.',
      )
      rule(draft, conflict, 'discard')
      return
    case 'dismiss':
      return
  }
}

/** Whose work could not be merged does it again on what was merged; who is at work is told to take it in. */
function mergeAgain(draft: Draft, holder: string, conflict: Conflict): void {
  const live = liveAttempt(draft.state, holder)
  if (live === undefined) return
  const { run, task, attempt } = live
  if (hasNoProcess(attempt)) tryAgain(draft, run.id, task, `${conflict.id}: done again on what was merged`)
  else say(draft, holder, conflict, 'Both go on: take in what the other changes before you finish.')
}

function say(draft: Draft, holder: string, conflict: Conflict, content: string): void {
  const live = liveAttempt(draft.state, holder)
  if (live === undefined || !hears(live.attempt)) return
  const to = live.run.plan.tasks[live.task]!.id
  const subject = `Conflict ${conflict.id} is settled`
  const message = { to, type: 'UPDATE', kind: 'conflict', subject, content, thread: conflict.id } as const
  tell(draft, live.run.id, { tasks: [live.task], person: false }, message)
}

function wordsFor(
  conflict: Conflict,
  action: ConflictAction,
  keep: string | null,
  losers: readonly string[],
): string {
  const files = conflict.files.slice(0, 3).join(', ')
  switch (action) {
    case 'wait':
      return `${namesOf(losers)} ${losers.length > 1 ? 'wait' : 'waits'} for ${nameOfHolder(keep!)}`
    case 'terminate':
      return keep === null
        ? `${namesOf(losers)} ${losers.length > 1 ? 'are' : 'is'} stopped`
        : `${nameOfHolder(keep)} goes on, ${namesOf(losers)} ${losers.length > 1 ? 'are' : 'is'} stopped`
    case 'merge':
      return conflict.cause === 'merge'
        ? `${nameOfHolder(conflict.parties.at(-1)!)} is done again on what was merged`
        : `${namesOf(conflict.parties)} ${conflict.parties.length > 1 ? 'go on and are' : 'goes on and is'} merged`
    case 'split':
      return `${files} belongs to ${nameOfHolder(keep!)}`
    case 'allow':
      return `${nameOfHolder(conflict.parties.at(-1)!)} may change ${files}`
    case 'discard':
      return `what ${nameOfHolder(conflict.parties.at(-1)!)} changed in ${files} stays aside`
    case 'dismiss':
      return 'nothing to settle'
  }
}

/** It is over by itself: somebody ended, or it is no longer seen. */
export function closeConflict(draft: Draft, project: ProjectId, conflict: Conflict, detail: string): void {
  draft.emit(ofProject(project), {
    type: 'conflict.resolved',
    id: conflict.id,
    action: 'dismiss',
    keep: null,
    by: 'engine',
    detail,
  })
  dropQuestions(draft, conflict, 'over')
}

/** Who stands still for it goes on, unless it is open or somebody goes first. */
export function letGo(draft: Draft, project: ProjectId, conflict: Conflict): void {
  const { resolution } = conflict
  if (resolution === null || isUnfinished(draft, conflict)) return
  const first = resolution.action === 'wait' ? resolution.keep : null
  const isBusy = first !== null && isLive(draft.state, first, project)
  const { registered } = draft.state.projects.get(project)!
  for (const holder of conflict.parties) {
    const byHand = registered[holder]
    if (byHand !== undefined) reconcileRegistered(draft, project, byHand, conflict.id)
    if (isBusy && holder !== first) continue
    const live = liveAttempt(draft.state, holder)
    if (live?.attempt.conflict?.id === conflict.id) reconcile(draft, holder)
  }
}
