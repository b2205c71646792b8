import type { Conflict } from '../conflicts/conflict.ts'
import { reconcile } from '../conflicts/holding.ts'
import { liveAttempt, nameOfHolder } from '../conflicts/parties.ts'
import { leftToOthers } from '../conflicts/splitting.ts'
import { otherWaits } from '../conflicts/waiting.ts'
import type { Draft } from '../draft.ts'
import { type Asked, ask } from '../locks/asking.ts'
import type { Request } from '../locks/changes.ts'
import { grantMore } from '../locks/decideAgentLocks.ts'
import { matchesGlob } from '../locks/glob/matchGlob.ts'
import { parseGlob } from '../locks/glob/parseGlob.ts'
import { allowsWriting } from '../locks/meet.ts'
import { globOfPath, locksOnPaths } from '../locks/onPaths.ts'
import { placing } from '../locks/table.ts'
import type { Run } from '../state.ts'
import type { Aside } from './stray.ts'

/** What follows when somebody has ruled on what an agent wrote without being allowed to. */

/** Who wrote comes last among the parties of such a conflict. */
function writerOf({ parties }: Conflict): string {
  return parties.at(-1)!
}

interface Open {
  readonly run: Run
  readonly at: { readonly task: number; readonly attempt: number; readonly count: number }
  readonly aside: Aside
  /** It stands still for this. */
  readonly held: boolean
}

function openAside(draft: Draft, holder: string): Open | undefined {
  const live = liveAttempt(draft.state, holder)
  const strays = live?.attempt.strays
  if (live === undefined || strays == null || strays.open === null) return undefined
  const { run, task, attempt } = live
  const held = attempt.conflict?.id === strays.open.conflict
  return { run, at: { task, attempt: attempt.n, count: strays.count }, aside: strays.open, held }
}

/** Does its writer still stand still for it, though it is settled? It has not got back its files, or waits for a lock. */
export function isUnfinished(draft: Draft, conflict: Conflict): boolean {
  if (conflict.cause !== 'undeclared-write') return false
  return openAside(draft, writerOf(conflict))?.aside.conflict === conflict.id
}

/** Why its writer cannot have the files, not even by waiting; undefined when it can. */
export function notToBeAllowed(draft: Draft, conflict: Conflict): string | undefined {
  const holder = writerOf(conflict)
  const live = liveAttempt(draft.state, holder)
  // One that was started by hand has what it wrote in the checkout itself.
  if (live === undefined) return undefined
  const record = draft.state.projects.get(live.run.project)!
  const left = leftToOthers(record, holder)
  const barred = left.find((on) =>
    conflict.files.some((path) => on !== path && on !== globOfPath(path) && matchesGlob(parseGlob(on), path)),
  )
  if (barred !== undefined)
    return `${barred} was settled to belong to another; ${nameOfHolder(holder)} goes on without (discard), or ends`
  const request = requestFor(draft, live.run, live.task, holder, conflict.files)
  const { locks } = record
  if (locks.waiters.some((waiter) => waiter.holder === holder))
    return `${nameOfHolder(holder)} waits for other locks already; rule when it has them`
  return request.locks.length === 0 ? undefined : whyNever(askFor(draft, live.run, request))
}

function whyNever(answer: Asked): string | undefined {
  switch (answer.type) {
    case 'free':
    case 'waits':
      return undefined
    case 'circle':
      return `waiting for the files would never end: ${answer.circle.map(nameOfHolder).join(' waits for ')}`
    case 'unfair':
      return `${nameOfHolder(answer.waiter.holder)} has been passed over often enough and comes first`
  }
}

/** The files that are still missing to its rights, as a request for locks. */
function requestFor(draft: Draft, run: Run, task: number, holder: string, paths: readonly string[]): Request {
  const { locks } = draft.state.projects.get(run.project)!
  const held = locks.grants.find((grant) => grant.holder === holder)?.locks ?? []
  const missing = paths.filter((path) => !allowsWriting(held, path.endsWith('/') ? `${path}x` : path))
  const { priority } = run.plan.tasks[task]!
  return { holder, locks: locksOnPaths(missing), priority, since: draft.now, begun: true }
}

/** Who stands still for another waits, too. */
function askFor(draft: Draft, run: Run, request: Request): Asked {
  const { locks } = draft.state.projects.get(run.project)!
  return ask(locks, request, otherWaits(draft.state, run.project, draft.now))
}

export function rule(draft: Draft, conflict: Conflict, verdict: 'allow' | 'discard'): void {
  const holder = writerOf(conflict)
  const open = openAside(draft, holder)
  if (open === undefined || open.aside.conflict !== conflict.id || open.aside.verdict !== null) return
  draft.emitRun(open.run.id, { type: 'stray.ruled', ...open.at, verdict })
  advance(draft, holder)
}

/** Takes the next step of what was ruled, if it is time for it: once set aside, and once its locks are there. */
export function advance(draft: Draft, holder: string): void {
  const open = openAside(draft, holder)
  if (open === undefined || open.aside.stage !== 'aside' || open.aside.verdict === null) return
  if (open.aside.verdict === 'discard') close(draft, holder, open)
  else if (hasLocks(draft, holder, open)) giveBack(draft, holder, open)
}

/** False while it waits for them. */
function hasLocks(draft: Draft, holder: string, { run, at, aside }: Open): boolean {
  const { locks: table } = draft.state.projects.get(run.project)!
  if (table.waiters.some((waiter) => waiter.holder === holder)) return false
  const request = requestFor(draft, run, at.task, holder, aside.paths)
  if (request.locks.length === 0) return true
  const answer = askFor(draft, run, request)
  switch (answer.type) {
    case 'free':
      grantMore(draft, run, request)
      return true
    case 'waits': {
      const { locks, priority, begun } = request
      const { place, overtakes } = placing(table, request)
      draft.emit(
        { project: run.project, run: null },
        { type: 'locks.asked', holder, locks: [...locks], priority, begun, place, overtakes: [...overtakes] },
      )
      return false
    }
    case 'circle':
    case 'unfair':
      // What it cannot have any more it does without: what it wrote there is left out of its commit.
      return true
  }
}

function giveBack(draft: Draft, holder: string, open: Open): void {
  // What was not put back to what was cut is where it was written.
  if (!open.held || open.aside.commit === null) close(draft, holder, open)
  else draft.emitRun(open.run.id, { type: 'stray.returning', ...open.at })
}

function close(draft: Draft, holder: string, { run, at, held }: Open): void {
  draft.emitRun(run.id, { type: 'stray.closed', ...at })
  if (held) reconcile(draft, holder)
}

/** Its files are back. */
export function returned(draft: Draft, holder: string): void {
  const open = openAside(draft, holder)
  if (open !== undefined) close(draft, holder, open)
}

/** Whoever waited for the locks of what was allowed and has them by this command goes on. */
export function advanceGranted(draft: Draft): void {
  for (const { data } of [...draft.events]) if (data.type === 'locks.granted') advance(draft, data.holder)
}
