import { DEFAULT_BATCH, type MergePolicy } from '../domain/merging/mergePolicy.ts'
import { DEFAULT_LIMITS } from '../domain/project.ts'
import type { ProjectFile } from './schema/project.ts'

/** How committed work is merged; null where the project asks for no check. */
export function mergePolicyOf({ merge, limits }: ProjectFile): MergePolicy | null {
  if (merge === undefined) return null
  const check = typeof merge.check === 'string' ? { run: merge.check } : merge.check
  const { run, image = null, network = 'run', timeout } = check
  const timeoutMs = timeout ?? limits?.max_runtime ?? DEFAULT_LIMITS.maxRuntimeMs
  return { check: { run, image, network, timeoutMs }, batch: merge.batch ?? DEFAULT_BATCH }
}
