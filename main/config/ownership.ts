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
