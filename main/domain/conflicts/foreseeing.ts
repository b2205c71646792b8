import type { Report } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { hasNoProcess, type ProjectRecord, type State } from '../state.ts'
import { tell } from '../talk/sending.ts'
import type { Conflict, Foreseen, FoundConflict } from './conflict.ts'
import { mergedBefore } from './mergedBefore.ts'
import { byClaim, hears, liveAttempt, nameOfHolder } from './parties.ts'
import { DEFAULT_PREDICTION } from './prediction.ts'
import { namesOf, openConflict, openOf, raiseConflict } from './raising.ts'
import { recommend } from './recommend.ts'
import { closeConflict, settle } from './settling.ts'

type Predicted = Extract<Report, { type: 'report.predicted' }>

/**
 * All that is foreseen in a project now. What is new is raised, what is not seen any more is closed; of what could not
 * be looked at nothing is said.
 */
export function foresee(draft: Draft, { project, foreseen, unknown }: Predicted): Verdict {
  if (!draft.state.projects.has(project)) return reject('unknown', `project ${project} is not registered`)
  const seen = foreseen.flatMap((one) => found(draft.state, one))
  for (const conflict of openOf(draft.state.projects.get(project)!)) {
    if (conflict.cause !== 'predicted') continue
    const again = seen.find(({ parties }) => sameSet(parties, conflict.parties))
    if (again !== undefined && isStillSo(draft.state, conflict)) continue
    if (again === undefined && isUnknown(draft.state, conflict, unknown)) continue
    const why =
      again === undefined
        ? `what ${namesOf(conflict.parties)} make goes together again`
        : `${nameOfHolder(byClaim(draft.state, conflict.parties)[0]!)} is merged`
    closeConflict(draft, project, conflict, why)
  }
  for (const one of seen) {
    if (isSettled(draft.state, project, one)) continue
    const isNew = !isOpen(draft.state.projects.get(project)!, one)
    const id = raiseConflict(draft, project, one)
    if (isNew) act(draft, project, id, one)
  }
  return undefined
}

interface Found extends FoundConflict {
  readonly patches: Foreseen['patches']
}

/** None where somebody is over by now, what it made is merged, or will never be; nor where a merge has shown it. */
function found(state: State, { parties, files, patches }: Foreseen): readonly Found[] {
  const live = parties.map((holder) => liveAttempt(state, holder))
  if (live.some((party) => party === undefined || hasNoProcess(party.attempt))) return []
  const { run, task } = live[0]!
  const before = parties.length > 1 ? [] : mergedBefore(run, task, files)
  const all = byClaim(state, [...before, ...parties])
  const named = shortList(files)
  const text =
    all.length > 1
      ? `${namesOf(all)} change ${named} in ways that do not go together`
      : `${namesOf(all)} changes ${named} in a way that does not go with what was merged before`
  const evidence = patches.map(({ holder, hash }) => {
    const whose = holder ?? before[0] ?? parties[0]!
    return { holder: whose, text: holder === null ? 'merged before' : `changes ${named}`, patch: hash }
  })
  return [{ cause: 'predicted', parties: all, files, text, evidence, patches }]
}

function shortList(files: readonly string[]): string {
  const [shown, more] = [files.slice(0, 3).join(', '), files.length - 3]
  return more > 0 ? `${shown} and ${more} more` : shown
}

/** Recommended as it would be now: when somebody has been merged meanwhile, it is another conflict. */
function isStillSo(state: State, { parties, recommendation }: Conflict): boolean {
  return recommend(state, 'predicted', byClaim(state, parties)).action === recommendation.action
}

function isUnknown(state: State, { parties }: Conflict, unknown: Predicted['unknown']): boolean {
  const live = parties.filter((holder) => liveAttempt(state, holder) !== undefined)
  return unknown.some((pair) => sameSet(pair, live))
}

function isOpen(project: ProjectRecord, { parties }: Found): boolean {
  return openOf(project).some((one) => one.cause === 'predicted' && sameSet(one.parties, parties))
}

/** Somebody has decided about it, and nothing is new: it is not raised again. */
function isSettled(state: State, project: ProjectId, { parties, files }: Found): boolean {
  const last = state.projects
    .get(project)!
    .conflicts.findLast((one) => one.cause === 'predicted' && sameSet(one.parties, parties))
  if (last === undefined || last.resolution === null || !isStillSo(state, last)) return false
  const { action, by } = last.resolution
  if (action === 'dismiss' && by === 'engine') return false
  return action === 'wait' || files.every((file) => last.files.includes(file))
}

/** As the project of who has the lesser claim wants it. */
function act(draft: Draft, project: ProjectId, id: string, { patches }: Found): void {
  const conflict = openConflict(draft, project, id)
  const loser = conflict?.parties.at(-1)
  const live = loser === undefined ? undefined : liveAttempt(draft.state, loser)
  if (conflict === undefined || live === undefined || !hears(live.attempt)) return
  const { action } = live.run.plan.prediction ?? DEFAULT_PREDICTION
  // Refused where nobody may stand still, for instance for one that waits for it: then it stays open.
  if (action === 'hold' && conflict.recommendation.action === 'wait')
    settle(draft, project, conflict, { action: 'wait', keep: null, by: 'engine' })
  if (action === 'take-in') offer(draft, conflict, patches)
}

/** The other's changes, as files it can fetch. */
function offer(draft: Draft, { id, parties }: Conflict, patches: Foreseen['patches']): void {
  const loser = parties.at(-1)!
  const { run, task, attempt } = liveAttempt(draft.state, loser)!
  const artifacts = patches.flatMap(({ holder, hash, bytes }) => {
    if (holder === loser || hash === null) return []
    const name = holder === null ? 'merged' : nameOfHolder(holder)
    return [{ path: `conflicts/${id}/${name}.patch`, type: 'code' as const, hash, bytes }]
  })
  for (const artifact of artifacts)
    draft.emitRun(run.id, { type: 'agent.published', task, attempt: attempt.n, artifact })
  const others = namesOf(parties.slice(0, -1)) || 'the branch of your run'
  // Through a pipe, since a file in the workspace would be an undeclared write; git merges only into what is in its index.
  const how = artifacts.map(({ path }) => `git add -A && amphi-agent get ${path} - | git apply --3way`)
  const content = [
    `Take in what ${others} changed before you finish. In your workspace:`,
    ...how,
    'What does not go together is left between <<<<<<< and >>>>>>>. Keep those lines as they are below =======, and what is yours apart from them: lines that both change conflict at the merge, whatever they say.',
  ].join('\n\n')
  const subject = `Conflict ${id}: take in what ${others} changed`.slice(0, 200)
  const to = run.plan.tasks[task]!.id
  const message = { to, type: 'UPDATE', kind: 'conflict', subject, content, thread: id } as const
  tell(draft, run.id, { tasks: [task], person: false }, { ...message, artifacts: [...artifacts] })
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}
