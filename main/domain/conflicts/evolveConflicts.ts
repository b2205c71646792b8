import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import { parseAttemptId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { type Clash, type Conflict, KEPT_CLASHES, KEPT_RESOLVED } from './conflict.ts'

export type ConflictEvent = EventOf<
  | 'conflict.raised'
  | 'conflict.grown'
  | 'conflict.voted'
  | 'conflict.escalated'
  | 'conflict.resolved'
  | 'conflict.verified'
>

export function evolveConflicts(
  project: ProjectRecord,
  data: ConflictEvent,
  time: number,
  isLive: (holder: string) => boolean,
): ProjectRecord {
  if (data.type === 'conflict.raised') return raised(project, data, time)
  const conflicts = project.conflicts.map((conflict) =>
    conflict.id === data.id ? changed(conflict, data, time) : conflict,
  )
  if (data.type === 'conflict.resolved') return { ...project, conflicts: bounded(conflicts, isLive) }
  if (data.type !== 'conflict.grown') return { ...project, conflicts }
  const conflict = conflicts.find(({ id }) => id === data.id)
  const fresh = data.files.filter(
    (file) => project.conflicts.find(({ id }) => id === data.id)?.files.includes(file) !== true,
  )
  const clashes = conflict === undefined ? project.clashes : clashed(project.clashes, conflict, fresh, time)
  return { ...project, conflicts, clashes }
}

function raised(project: ProjectRecord, data: EventOf<'conflict.raised'>, time: number): ProjectRecord {
  const { type: _, ...shape } = data
  const conflict: Conflict = { ...shape, since: time, levelSince: time, votes: {}, resolution: null }
  return {
    ...project,
    lastConflict: Number(data.id.slice(1)),
    conflicts: [...project.conflicts, conflict],
    clashes: clashed(project.clashes, conflict, data.files, time),
  }
}

function changed(
  conflict: Conflict,
  data: Exclude<ConflictEvent, EventOf<'conflict.raised'>>,
  time: number,
): Conflict {
  switch (data.type) {
    case 'conflict.grown': {
      const files = [...new Set([...conflict.files, ...data.files])]
      const kept = conflict.evidence.filter(
        (old) => !data.evidence.some((one) => one.holder === old.holder && one.text === old.text),
      )
      return { ...conflict, files, text: data.text, evidence: [...kept, ...data.evidence].slice(-20) }
    }
    case 'conflict.voted':
      return { ...conflict, votes: { ...conflict.votes, [data.holder]: data.action } }
    case 'conflict.escalated':
      return { ...conflict, level: data.level, levelSince: time }
    case 'conflict.resolved': {
      const { action, keep, by, detail } = data
      return { ...conflict, resolution: { action, keep, by, at: time, verified: null, detail } }
    }
    case 'conflict.verified': {
      if (conflict.resolution === null) throw new Error(`${conflict.id} is verified and not resolved`)
      const { clean, detail } = data
      return { ...conflict, resolution: { ...conflict.resolution, verified: clean, detail } }
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

/** All open ones, those whose settlement still binds somebody at work, and the latest of the others. */
function bounded(conflicts: readonly Conflict[], isLive: (holder: string) => boolean): readonly Conflict[] {
  const over = conflicts.filter(({ resolution }) => resolution !== null).length - KEPT_RESOLVED
  if (over <= 0) return conflicts
  let dropped = 0
  return conflicts.filter(({ resolution, parties }) => {
    if (resolution === null || (resolution.action !== 'dismiss' && parties.some(isLive))) return true
    return ++dropped > over
  })
}

function clashed(
  known: Readonly<Record<string, Clash>>,
  { parties }: Conflict,
  files: readonly string[],
  time: number,
): Readonly<Record<string, Clash>> {
  if (files.length === 0) return known
  const met = parties.map((holder) => parseAttemptId(holder)?.task ?? holder)
  // The run of who gives way: what was merged before may be of an earlier one.
  const run = parties.map((holder) => parseAttemptId(holder)?.run).findLast((id) => id !== undefined)
  const all = { ...known }
  for (const file of files) {
    const before = Object.hasOwn(all, file) ? all[file] : undefined
    const tasks = [...new Set([...met, ...(before?.tasks ?? [])])].slice(0, 4)
    // Last in the order is what met last.
    delete all[file]
    const again = run === undefined || before?.run === run
    const runs = (before?.runs ?? 0) + (again && before !== undefined ? 0 : 1)
    all[file] = {
      ...before,
      count: (before?.count ?? 0) + 1,
      last: time,
      tasks,
      runs,
      ...(run === undefined ? {} : { run }),
    }
  }
  const names = Object.keys(all)
  for (const name of names.slice(0, Math.max(0, names.length - KEPT_CLASHES))) delete all[name]
  return all
}
