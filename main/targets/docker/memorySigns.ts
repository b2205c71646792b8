import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { TargetTrend } from '../../domain/health/targetLoad.ts'
import type { Found } from './containers.ts'
import { measureLoad, timesOutOfMemory } from './load.ts'
import type { DockerPlace } from './place.ts'

/** What speaks for a service that takes more and more memory. */
export interface MemoryFacts {
  /** How often the kernel ended it, or a program in it, for want of memory. */
  readonly killed: number
  /** How often it ended, for whatever reason, and was started again. */
  readonly restarts: number
  /** Null while it does not run. */
  readonly bytes: number | null
  readonly limit: number | null
  /** What it was at the first look at it, and how long ago that was; null where nobody looked. */
  readonly before: { readonly bytes: number; readonly peak: number; readonly agoMs: number } | null
}

export interface MemorySigns {
  /** That it leaks, 0 to 1; 0 for nothing that says so. */
  readonly confidence: number
  readonly words: readonly string[]
}

export const NO_SIGNS: MemorySigns = { confidence: 0, words: [] }

/** So full that it will be ended soon. */
const FULL = 0.85
/** So much more than at first that it is not the work of a moment. */
const GROWN = 1.5

export async function memoryFacts(
  place: DockerPlace,
  found: Found,
  trend: TargetTrend | undefined,
  now: number,
): Promise<MemoryFacts> {
  const [load, killed] = await Promise.all([measureLoad(place), timesOutOfMemory(place, found)])
  const known = trend?.of === found.Id ? trend : undefined
  return {
    killed: Math.max(killed, found.State.OOMKilled ? 1 : 0),
    restarts: found.RestartCount,
    bytes: load?.memoryBytes ?? null,
    limit: load?.memoryLimit ?? null,
    before:
      known === undefined
        ? null
        : { bytes: known.firstBytes, peak: known.peakBytes, agoMs: Math.max(0, now - known.since) },
  }
}

/** One sign may be chance; the kernel's own word is none, and several together are surer than each. */
export function memorySigns({ killed, restarts, bytes, limit, before }: MemoryFacts): MemorySigns {
  const most = Math.max(bytes ?? 0, before?.peak ?? 0)
  const isFull = limit !== null && most >= FULL * limit
  const hasGrown = before !== null && before.bytes > 0 && most >= GROWN * before.bytes
  const signs = [
    ...(killed > 0 ? [0.8] : []),
    ...(restarts > 0 && killed === 0 ? [0.5] : []),
    ...(isFull ? [0.6] : []),
    ...(hasGrown && isFull ? [0.5] : []),
  ]
  const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
  const words = [
    ...(bytes === null ? [] : [memoryWords(bytes, limit)]),
    ...(before !== null && hasGrown
      ? [`${formatBytes(before.bytes)} ${formatDuration(before.agoMs)} ago, ${formatBytes(most)} at its most`]
      : []),
    ...(killed > 0 ? [`ended for want of memory ${times(killed)}`] : []),
    ...(restarts > 0 ? [`started again ${times(restarts)}`] : []),
  ]
  return { confidence: 1 - signs.reduce((left, sign) => left * (1 - sign), 1), words }
}

function memoryWords(bytes: number, limit: number | null): string {
  if (limit === null) return `${formatBytes(bytes)} of memory`
  return `memory ${formatBytes(bytes)} of ${formatBytes(limit)} (${Math.round((bytes / limit) * 100)} %)`
}
