import type { ProjectRecord } from '../state.ts'

/** Files that were settled to belong to another: what this holder changes in them is not its own to change. */
export function leftToOthers({ conflicts }: ProjectRecord, holder: string): readonly string[] {
  return conflicts.flatMap(({ parties, files, resolution }) =>
    resolution?.action === 'split' && resolution.keep !== holder && parties.includes(holder) ? files : [],
  )
}
