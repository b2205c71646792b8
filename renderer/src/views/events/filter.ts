import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { type Group, groupOf } from './sentence.ts'

export interface EventFilter {
  readonly text: string
  readonly group: Group | ''
  /** `engine`, or `person` for any of them; empty for all. */
  readonly actor: string
}

export const NO_FILTER: EventFilter = { text: '', group: '', actor: '' }

/** `say` gives the words an event is found by. */
export function fits(
  event: EventEnvelope,
  filter: EventFilter,
  say: (event: EventEnvelope) => string,
): boolean {
  if (filter.group !== '' && groupOf(event.type) !== filter.group) return false
  if (filter.actor !== '' && event.actor.split(':')[0] !== filter.actor) return false
  if (filter.text === '') return true
  const words = `${event.seq} ${event.type} ${event.actor} ${say(event)}`.toLowerCase()
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.includes(part))
}

export type Target = { readonly seq: number } | { readonly time: number }

/** A number, or a time of day (the last one that has been); undefined for anything else. `now`: ms since 1970. */
export function parseTarget(text: string, now: number): Target | undefined {
  const trimmed = text.trim().replace(/^#/, '')
  if (/^\d{1,12}$/.test(trimmed)) return { seq: Math.max(1, Number(trimmed)) }
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(trimmed)
  if (match === null) return undefined
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  const at = new Date(now)
  at.setHours(hours, minutes, seconds, 0)
  if (at.getTime() > now) at.setDate(at.getDate() - 1)
  return { time: at.getTime() }
}
