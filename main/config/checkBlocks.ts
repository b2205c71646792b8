import type { Role } from '../domain/project.ts'
import { asList, asMap } from './drafts.ts'
import { isGroup } from './groups.ts'
import { nearest } from './nearest.ts'
import type { Path, Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Whether the roles that a project's other blocks name are among its own. */
export function checkBlocks(file: unknown, roles: readonly Role[], source: Source): readonly Problem[] {
  const names = roles.map((role) => role.name)
  const known = (name: unknown, path: Path): readonly Problem[] => {
    if (typeof name !== 'string' || isGroup(name) || (names as readonly string[]).includes(name)) return []
    return [source.problem(path, `unknown agent "${name}"`, nearest(name, names))]
  }
  const locks = asList(asMap(asMap(file)?.conflict_resolution)?.locks)
  return locks.flatMap((lock, i) => {
    const path: Path = ['conflict_resolution', 'locks', i]
    const listeners = asList(asMap(lock)?.notify_on_change)
    return [
      ...known(asMap(lock)?.holder, [...path, 'holder']),
      ...listeners.flatMap((listener, n) => known(listenerRole(listener), [...path, 'notify_on_change', n])),
    ]
  })
}

/** `TestGuardian (re-run tests)` names TestGuardian. */
function listenerRole(listener: unknown): unknown {
  return typeof listener === 'string' ? listener.replace(/\s+\(.*$/, '') : listener
}
