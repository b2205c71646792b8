import type { Lock } from './lock.ts'

/** Exclusive locks on just these paths; one with `/` at its end is a folder with all below it. */
export function locksOnPaths(paths: readonly string[]): readonly Lock[] {
  return paths.map((path) => ({ kind: 'files', on: globOfPath(path), mode: 'exclusive' }))
}

/** The glob that matches this path and no other. */
export function globOfPath(path: string): string {
  const plain = path.replace(/[\\*?[\]{}()!+@|,]/g, '\\$&')
  return plain.endsWith('/') ? `${plain}**` : plain
}
