import { raiseAbout, resolve } from '../attention.ts'
import type { Draft } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { tell } from '../talk/sending.ts'
import { actionsFor, type Conflict, type ConflictAction, type FoundConflict } from './conflict.ts'
import { policiesOf } from './escalation.ts'
import { firstLevel, isRoutine, kindOf, policyOf } from './matrix.ts'
import { byClaim, hears, liveAttempt, nameOfHolder } from './parties.ts'
import { recommend } from './recommend.ts'

/** Of one conflict: what more was touched is said in its text. */
const MOST_FILES = 100

/**
 * Puts a conflict on record, or adds to the open one of the same cause and parties; gives its name. What is routine
 * is settled as recommended at once, what is past level 1 calls a person.
 */
export function raiseConflict(draft: Draft, project: ProjectId, found: FoundConflict): string {
  const record = draft.state.projects.get(project)!
  const named = [...new Set(found.parties)]
  // Who takes what is not its own comes last, however urgent it is.
  const isTrespass = found.cause === 'undeclared-write' || found.cause === 'ownership'
  const parties = isTrespass ? named : byClaim(draft.state, named, project)
  const isSame = (others: readonly string[]): boolean =>
    sameSet(others, parties) && (!isTrespass || others.at(-1) === parties.at(-1))
  const known = record.conflicts.find(
    ({ cause, parties: others, resolution }) =>
      resolution === null && cause === found.cause && isSame(others),
  )
  if (known !== undefined) {
    grow(draft, project, known, found)
    return known.id
  }
  const kind = found.kind ?? kindOf(found.cause)
  const policy = policyOf(kind, policiesOf(draft.state, parties))
  const level = firstLevel(policy)
  const id = `c${record.lastConflict + 1}`
  draft.emit(ofProject(project), {
    type: 'conflict.raised',
    id,
    cause: found.cause,
    kind,
    level,
    parties: [...parties],
    files: found.files.slice(0, MOST_FILES),
    text: found.text,
    evidence: found.evidence.map((one) => ({ ...one })),
    recommendation: copied(recommend(draft.state, found.cause, parties, project)),
  })
  inform(draft, openConflict(draft, project, id)!)
  if (!isRoutine(policy, level) && found.decided !== true) callPerson(draft, project, id)
  return id
}

function copied({ action, keep, reasons }: Conflict['recommendation']): {
  action: ConflictAction
  keep: string | null
  reasons: string[]
} {
  return { action, keep, reasons: [...reasons] }
}

function grow(draft: Draft, project: ProjectId, known: Conflict, found: FoundConflict): void {
  const room = Math.max(0, MOST_FILES - known.files.length)
  const files = found.files.filter((file) => !known.files.includes(file)).slice(0, room)
  const evidence = found.evidence.filter(
    (one) =>
      !known.evidence.some(
        (old) => old.holder === one.holder && old.text === one.text && old.patch === one.patch,
      ),
  )
  if (files.length === 0 && evidence.length === 0) return
  draft.emit(ofProject(project), {
    type: 'conflict.grown',
    id: known.id,
    files,
    text: found.text,
    evidence: evidence.map((one) => ({ ...one })),
  })
}

/** Both sides are told, so that they can settle it among themselves. */
function inform(draft: Draft, conflict: Conflict): void {
  for (const holder of conflict.parties) {
    const live = liveAttempt(draft.state, holder)
    if (live === undefined || !hears(live.attempt)) continue
    const { action, reasons } = conflict.recommendation
    const content = `${conflict.text}\n\nRecommended: ${action} (${reasons.join('; ')}).`
    const subject = `Conflict ${conflict.id}: ${conflict.files.slice(0, 3).join(', ')}`.slice(0, 200)
    const told = { to: live.run.plan.tasks[live.task]!.id, type: 'ALERT', kind: 'conflict', subject } as const
    const payload = JSON.stringify({ conflict: conflict.id, actions: actionsFor(conflict.cause) })
    tell(
      draft,
      live.run.id,
      { tasks: [live.task], person: false },
      { ...told, content, payload, thread: conflict.id },
    )
  }
}

/** From level 2 on, and where an agent stands still for it, a person is asked, in the run of who has to give way. */
export function callPerson(draft: Draft, project: ProjectId, id: string): void {
  const conflict = openConflict(draft, project, id)
  // One that could not be merged is asked about as a task.
  if (conflict === undefined || conflict.cause === 'merge' || conflict.level === 1) return
  const live = conflict.parties
    .toReversed()
    .map((holder) => liveAttempt(draft.state, holder))
    .find((party) => party !== undefined)
  if (live === undefined) return
  raiseAbout(draft, live.run.id, {
    about: id,
    kind: 'conflict',
    task: live.task,
    text: conflict.text,
    choices: actionsFor(conflict.cause),
  })
}

/** Nobody has to answer for it any more. */
export function dropQuestions(draft: Draft, conflict: Conflict, choice: string): void {
  for (const run of draft.state.runs.values())
    if (run.attention.some(({ about }) => about === conflict.id))
      resolve(draft, run.id, `${conflict.id}:conflict`, choice)
}

export function openConflict(draft: Draft, project: ProjectId, id: string): Conflict | undefined {
  return openOf(draft.state.projects.get(project)!).find((conflict) => conflict.id === id)
}

export function openOf(project: ProjectRecord): readonly Conflict[] {
  return project.conflicts.filter(({ resolution }) => resolution === null)
}

export function ofProject(project: ProjectId): { readonly project: ProjectId; readonly run: null } {
  return { project, run: null }
}

/** `api and web`. */
export function namesOf(parties: readonly string[]): string {
  return parties.map(nameOfHolder).join(' and ')
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}
