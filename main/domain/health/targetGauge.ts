import { formatDuration } from '../duration.ts'

/** What is remembered of looking at one target. Lost with the engine. */
export interface TargetMemory {
  /** Looks in a row that said otherwise than its state. */
  readonly rounds: number
  /** When it turned unwell, engine ms, lately. */
  readonly turned: readonly number[]
}

export const NEW_TARGET: TargetMemory = { rounds: 0, turned: [] }

const ROUNDS = 2
/** One that comes and goes has to be well for longer before it is believed. */
const ROUNDS_AFTER_FLAPPING = 10

export interface FlapRule {
  readonly times: number
  readonly withinMs: number
}

export interface TargetRound {
  readonly memory: TargetMemory
  /** Set when it has changed. */
  readonly turn: { readonly healthy: boolean; readonly flaps: string | null } | null
}

/** One more look: `seen` is null where it cannot be told, which changes nothing. */
export function lookAtTarget(
  memory: TargetMemory,
  isWell: boolean,
  seen: boolean | null,
  now: number,
  rule: FlapRule | null,
): TargetRound {
  if (seen === null) return { memory, turn: null }
  if (seen === isWell) return { memory: { ...memory, rounds: 0 }, turn: null }
  const turned = memory.turned.filter((at) => rule !== null && now - at <= rule.withinMs)
  const isFlapping = rule !== null && turned.length >= rule.times
  const rounds = memory.rounds + 1
  if (rounds < (seen && isFlapping ? ROUNDS_AFTER_FLAPPING : ROUNDS))
    return { memory: { ...memory, rounds }, turn: null }
  if (seen) return { memory: { rounds: 0, turned }, turn: { healthy: true, flaps: null } }
  const all = [...turned, now]
  const tooOften = rule !== null && all.length === rule.times
  const flaps = tooOften ? `it came and went ${all.length} times in ${formatDuration(rule.withinMs)}` : null
  return { memory: { rounds: 0, turned: all }, turn: { healthy: false, flaps } }
}
