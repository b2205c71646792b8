import { globOfPath } from '../locks/onPaths.ts'
import type { ProjectRecord } from '../state.ts'

/** Files that were settled to belong to another: what this holder changes in them is not its own to change. */
export function leftToOthers({ conflicts }: ProjectRecord, holder: string): readonly string[] {
  return conflicts.flatMap(({ cause, parties, files, resolution }) => {
    if (resolution?.action !== 'split' || resolution.keep === holder || !parties.includes(holder)) return []
    // What was seen in files is paths; what is claimed may be globs.
    return cause === 'predicted' ? files.map(globOfPath) : files
  })
}
