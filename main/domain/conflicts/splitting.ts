import { globOfPath } from '../locks/onPaths.ts'
import type { ProjectRecord } from '../state.ts'

/**
 * Files that were settled to belong to another: what this holder changes in them is not its own to change, unless it was
 * allowed to since.
 */
export function leftToOthers({ conflicts }: ProjectRecord, holder: string): readonly string[] {
  const regained = new Set(
    conflicts.flatMap(({ cause, parties, files, resolution }) =>
      cause === 'undeclared-write' && resolution?.action === 'allow' && parties.at(-1) === holder
        ? files
        : [],
    ),
  )
  return conflicts.flatMap(({ cause, parties, files, resolution }) => {
    if (resolution?.action !== 'split' || resolution.keep === holder || !parties.includes(holder)) return []
    const left = files.filter((file) => !regained.has(file))
    // What was seen in files is paths; what is claimed may be globs.
    return cause === 'predicted' ? left.map(globOfPath) : left
  })
}
