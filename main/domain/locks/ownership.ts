import type { RoleName } from '../ids.ts'
import type { Role } from '../project.ts'
import { globsOverlap } from './glob/overlap.ts'
import { parseGlob } from './glob/parseGlob.ts'

/** A registry role owns globs (`docs/*`) and things that are no files (`All IAM policies`). */

/**
 * The glob of an owned pattern, or undefined for a named resource. `x/*` owns everything below `x`, at any depth,
 * as the registry means it; other globs are taken as they are.
 */
export function ownershipGlob(pattern: string): string | undefined {
  const text = pattern.trim()
  if (/\s/.test(text) || !/[/*.]/.test(text)) return undefined
  return text.endsWith('/*') ? `${text}*` : text
}

/** Roles that own some of what a glob can match: the most specific pattern wins, and who has the same one shares it. */
export function ownersOf(roles: readonly Role[], glob: string): readonly RoleName[] {
  const wanted = parseGlob(glob)
  const owned = roles.flatMap(({ name, ownership }) =>
    ownership.flatMap((pattern) => {
      const own = ownershipGlob(pattern)
      return own !== undefined && globsOverlap(parseGlob(own), wanted)
        ? [{ name, depth: fixedLength(own) }]
        : []
    }),
  )
  const deepest = Math.max(...owned.map(({ depth }) => depth))
  return [...new Set(owned.flatMap(({ name, depth }) => (depth === deepest ? [name] : [])))]
}

/** What of a pattern stands before the first sign of a glob. */
function fixedLength(pattern: string): number {
  return /^[^*?[\]{}()!]*/.exec(pattern)![0].length
}
