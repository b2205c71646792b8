import type { TaskSpec } from '../project.ts'
import { globsOverlap } from './glob/overlap.ts'
import { parseGlob } from './glob/parseGlob.ts'

const WILD = /[*?[\]{}()!+@|\\]/

/**
 * What a task says it reads by name, a file or a whole folder, and cannot write. What it reads by a glob is not among
 * it: tools write caches and other git-ignored files beside what they read, and may.
 */
export function readOnlyPaths({ reads, writes, workspace }: TaskSpec): readonly string[] {
  if (workspace === 'none') return []
  const named = reads.filter((path) => !WILD.test(path)).map((path) => path.replace(/^\.\/|\/$/g, ''))
  const mayBeWritten = (path: string): boolean =>
    writes.some((glob) =>
      [path, `${path}/**`].some((other) => globsOverlap(parseGlob(glob), parseGlob(other))),
    )
  return [...new Set(named)].filter((path) => path !== '' && path !== '.' && !mayBeWritten(path))
}
