import type { Evidence } from '../conflicts/conflict.ts'
import { raiseConflict } from '../conflicts/raising.ts'
import type { Draft } from '../draft.ts'
import { type ProjectId, parseAttemptId } from '../ids.ts'
import { type Lock, lockWords } from '../locks/lock.ts'
import { allowsWriting, locksConflict } from '../locks/meet.ts'
import type { ProjectRecord } from '../state.ts'
import { conflictRegistered } from './ending.ts'
import { isOver, locksOf, type Registered, slug } from './registered.ts'

/**
 * Who is in the way of an agent started by hand. Its claims are compared when it comes, so that two who want the same
 * are seen before either waits for the other for long; what it wrote without holding it, when somebody looks.
 */
export function raiseClaims(draft: Draft, id: ProjectId, agent: Registered): void {
  const project = draft.state.projects.get(id)!
  const own = locksOf(agent)
  const before = ancestors(project, agent)
  for (const [holder, locks] of claimsOf(project)) {
    if (holder === agent.id || before.has(holder)) continue
    const files = meetings(locks, own, project.locks.folded)
    const other = project.registered[holder]
    const cause = other !== undefined && doSame(other, agent) ? 'duplicate' : 'overlap'
    if (files.length === 0 && cause === 'overlap') continue
    const sameName = other !== undefined && slug(other.name) === slug(agent.name)
    const text =
      sameName || files.length === 0
        ? `${holder} and ${agent.id} both do ${agent.name}`
        : bothModify(holder, agent.id, files)
    const claim = (who: string, what: readonly Lock[]): Evidence => ({
      holder: who,
      text: `claims ${what.map(lockWords).join(', ') || 'nothing'}`,
      patch: null,
    })
    const evidence = [claim(holder, locks), claim(agent.id, own)]
    raiseConflict(draft, id, { cause, parties: [holder, agent.id], files, text, evidence })
  }
}

/** `agent-1 and agent-5 both modifying hops.py`: files by their last step, which people know them by; globs whole. */
function bothModify(one: string, other: string, files: readonly string[]): string {
  const last = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
  const names = [...new Set(files.map((file) => (WILD.test(last(file)) ? file : last(file))))]
  return `${nameOf(one)} and ${nameOf(other)} both modifying ${names.join(', ')}`
}

function nameOf(holder: string): string {
  return parseAttemptId(holder)?.task ?? holder
}

/** Whose turn comes before it anyhow. */
function ancestors({ registered }: ProjectRecord, agent: Registered): ReadonlySet<string> {
  const found = new Set<string>()
  const open = agent.waits ? [...agent.after] : []
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    const next = registered[id]
    if (next?.waits === true) open.push(...next.after)
  }
  return found
}

/** What everybody holds, waits for, or has declared by hand. */
function claimsOf({ locks, registered }: ProjectRecord): ReadonlyMap<string, readonly Lock[]> {
  const claims = new Map<string, readonly Lock[]>()
  for (const { holder, locks: held } of [...locks.grants, ...locks.waiters])
    claims.set(holder, [...(claims.get(holder) ?? []), ...held])
  for (const agent of Object.values(registered)) if (!isOver(agent)) claims.set(agent.id, locksOf(agent))
  return claims
}

const WILD = /[*?[\]{}()!+@\\]/

/** What both want: a path where one of them names it, else what each wrote. */
function meetings(a: readonly Lock[], b: readonly Lock[], folded: boolean): readonly string[] {
  const found = new Set<string>()
  for (const one of a)
    for (const other of b) {
      if (!locksConflict(one, other, folded)) continue
      const named = [other, one].find(({ kind, on }) => kind === 'resource' || !WILD.test(on))
      if (named !== undefined) found.add(named.on)
      else for (const { on } of [one, other]) found.add(on)
    }
  return [...found]
}

function doSame(a: Registered, b: Registered): boolean {
  if (slug(a.name) === slug(b.name)) return true
  const files = new Set(a.files)
  return files.size > 0 && files.size === new Set(b.files).size && b.files.every((file) => files.has(file))
}

/** Paths it was seen to have changed. What it holds is its own; of the rest it is told, and who holds it. */
export function raiseWrites(draft: Draft, id: ProjectId, agent: Registered, paths: readonly string[]): void {
  const project = draft.state.projects.get(id)!
  const { grants, folded } = project.locks
  const own = grants.find(({ holder }) => holder === agent.id)?.locks ?? []
  const strange = paths.filter((path) => !agent.dirty.includes(path) && !allowsWriting(own, path, folded))
  const left = new Set(strange)
  for (const { holder, locks } of grants) {
    const files = strange.filter((path) => holder !== agent.id && holds(locks, path, folded))
    for (const file of files) left.delete(file)
    wrote(draft, id, agent, [holder, agent.id], files, bothModify(holder, agent.id, files))
  }
  const rest = [...left]
  wrote(
    draft,
    id,
    agent,
    [agent.id],
    rest,
    `${agent.id} changed ${rest.join(', ')} without having declared it`,
  )
}

function holds(locks: readonly Lock[], path: string, folded: boolean): boolean {
  const wanted: Lock = { kind: 'files', on: path, mode: 'exclusive' }
  return (
    allowsWriting(locks, path, folded) ||
    locks.some((lock) => lock.on === path && locksConflict(lock, wanted))
  )
}

function wrote(
  draft: Draft,
  id: ProjectId,
  agent: Registered,
  parties: readonly string[],
  found: readonly string[],
  text: string,
): void {
  const files = found.filter((file) => !wasAllowed(draft.state.projects.get(id)!, parties, file))
  if (files.length === 0) return
  const evidence = [{ holder: agent.id, text: `changed ${files.join(', ')} in ${agent.folder}`, patch: null }]
  const conflict = raiseConflict(draft, id, { cause: 'undeclared-write', parties, files, text, evidence })
  const now = draft.state.projects.get(id)!.registered[agent.id]!
  if (parties.length > 1) conflictRegistered(draft, id, now, conflict)
}

/** Somebody has looked at it already and let it be. */
function wasAllowed({ conflicts }: ProjectRecord, parties: readonly string[], file: string): boolean {
  return conflicts.some(
    ({ cause, resolution, parties: others, files }) =>
      cause === 'undeclared-write' &&
      (resolution?.action === 'allow' || resolution?.action === 'discard') &&
      others.length === parties.length &&
      parties.every((party) => others.includes(party)) &&
      files.includes(file),
  )
}
