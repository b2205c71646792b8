import type { SyncPoint } from '../domain/talk/talk.ts'

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const SYNC_POINT = /^(?:([a-z]+?)s?\s+)?(\d{1,2}):(\d{2})\s*(?:utc|z)$/i

/** `09:00 UTC` every day, `Friday 15:00 UTC` once a week; undefined for anything else. */
export function parseSyncPoint(text: string): Omit<SyncPoint, 'name'> | undefined {
  const match = SYNC_POINT.exec(text.trim())
  if (match === null) return undefined
  const [, day, hour, minute] = match
  if (Number(hour) > 23 || Number(minute) > 59) return undefined
  const at = Number(hour) * 60 + Number(minute)
  if (day === undefined || /^(?:daily|every)$/i.test(day)) return { weekday: null, minute: at }
  const weekday = DAYS.findIndex(
    (name) => name === day.toLowerCase() || name.slice(0, 3) === day.toLowerCase(),
  )
  return weekday === -1 ? undefined : { weekday, minute: at }
}
