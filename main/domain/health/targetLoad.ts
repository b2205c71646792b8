import type { TargetMeasure } from './policy.ts'

/** Figures of what is released at a target, as they are at one look. */
export interface TargetLoad {
  /** What answers; the figures of another begin anew. */
  readonly of: string
  /** Null while it does not run. */
  readonly memoryBytes: number | null
  /** Null: the whole machine. */
  readonly memoryLimit: number | null
  /** How often it ended by itself and was started again. */
  readonly restarts: number
  /** Null where requests are not counted. */
  readonly traffic: Traffic | null
}

/** Requests through the target's address, since they are counted. */
export interface Traffic {
  /** When the count began; another count is compared with nothing of before. */
  readonly since: number
  readonly requests: number
  /** Answered 500 and above, or not at all. */
  readonly errors: number
  /** All of them together took so long, ms. */
  readonly ms: number
}

/** What was seen of a release so far: two looks apart in time, and all that happened between them. */
export interface TargetTrend {
  /** What answered; another begins anew. */
  readonly of: string
  /** First look, engine ms. */
  readonly since: number
  readonly firstBytes: number
  readonly lastBytes: number
  readonly peakBytes: number
  readonly restarts: number
}

/** Of the looks at one target. Lost with the engine, which then begins anew. */
export interface LoadMemory {
  readonly load: TargetLoad
  readonly at: number
  readonly trend: TargetTrend | null
  /** When it was seen to have been started again, engine ms; once for each time. */
  readonly restarted: readonly number[]
}

/** One look and the one before it, as figures. Null: not known. */
export interface LoadFigures {
  readonly memoryBytes: number | null
  readonly memoryUsed: number | null
  readonly restarts: number
  /** Requests that were over since the look before. */
  readonly requests: number
  readonly errorRate: number | null
  /** Mean of them, ms. */
  readonly latency: number | null
}

/** Further looks back say nothing about now. */
const MOST_RESTARTS = 100

export function lookAtLoad(
  before: LoadMemory | undefined,
  load: TargetLoad,
  at: number,
  windowMs: number,
): { readonly memory: LoadMemory; readonly figures: LoadFigures } {
  const same = before !== undefined && before.load.of === load.of ? before : undefined
  const more = same === undefined ? 0 : Math.max(0, load.restarts - same.load.restarts)
  const restarted = [
    ...(same?.restarted ?? []).filter((one) => at - one <= windowMs),
    ...Array.from({ length: Math.min(more, MOST_RESTARTS) }, () => at),
  ].slice(-MOST_RESTARTS)
  const { memoryBytes, memoryLimit } = load
  return {
    memory: { load, at, restarted, trend: trendOf(same?.trend ?? null, load, at) },
    figures: {
      memoryBytes,
      memoryUsed: memoryBytes === null || memoryLimit === null ? null : memoryBytes / memoryLimit,
      restarts: restarted.length,
      ...trafficSince(before?.load.traffic ?? null, load.traffic),
    },
  }
}

function trendOf(trend: TargetTrend | null, load: TargetLoad, at: number): TargetTrend | null {
  const { of, memoryBytes: bytes, restarts } = load
  if (bytes === null) return trend === null ? null : { ...trend, restarts }
  if (trend === null)
    return { of, since: at, firstBytes: bytes, lastBytes: bytes, peakBytes: bytes, restarts }
  return { ...trend, lastBytes: bytes, peakBytes: Math.max(trend.peakBytes, bytes), restarts }
}

function trafficSince(
  before: Traffic | null,
  now: Traffic | null,
): Pick<LoadFigures, 'requests' | 'errorRate' | 'latency'> {
  const none = { requests: 0, errorRate: null, latency: null }
  if (before === null || now === null || before.since !== now.since) return none
  const requests = now.requests - before.requests
  if (requests <= 0) return none
  return {
    requests,
    errorRate: (now.errors - before.errors) / requests,
    latency: (now.ms - before.ms) / requests,
  }
}

export interface TargetReading {
  readonly measure: TargetMeasure
  readonly value: number | null
  readonly count: number
}

/** What of them has a limit. */
export function targetReadings({
  memoryUsed,
  restarts,
  errorRate,
  requests,
}: LoadFigures): readonly TargetReading[] {
  return [
    { measure: 'target_memory_used', value: memoryUsed, count: 1 },
    { measure: 'target_restarts', value: restarts, count: 1 },
    { measure: 'target_error_rate', value: errorRate, count: requests },
  ]
}
