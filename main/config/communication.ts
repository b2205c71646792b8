import { parseDuration } from '../domain/duration.ts'
import { type Communication, DEFAULT_COMMUNICATION, type SyncPoint } from '../domain/talk/talk.ts'
import type { ProjectFile } from './schema/project.ts'

/** How agents talk, from `communication_efficiency` and `handoffs`; what is not said is as the framework has it. */
export function communicationOf(input: ProjectFile): Communication {
  const { batch_updates, async_communication, sync_points } = input.communication_efficiency ?? {}
  const { acknowledge_within, check_timeout, checks } = input.handoffs ?? {}
  const frequency = batch_updates?.frequency?.replace(/^\s*every\s+/i, '')
  return {
    responseSlaMs: async_communication?.response_sla ?? DEFAULT_COMMUNICATION.responseSlaMs,
    acknowledgeMs:
      acknowledge_within ?? async_communication?.response_sla ?? DEFAULT_COMMUNICATION.acknowledgeMs,
    digestMs: frequency === undefined ? DEFAULT_COMMUNICATION.digestMs : durationOf(frequency),
    syncPoints: Object.entries(sync_points ?? {}).flatMap(([name, text]): readonly SyncPoint[] => {
      const time = parseSyncPoint(text)
      return time === undefined ? [] : [{ name, ...time }]
    }),
    checks: Object.fromEntries(
      Object.entries(checks ?? {}).flatMap(([name, command]) =>
        command === undefined ? [] : [[name, command]],
      ),
    ),
    checkTimeoutMs: check_timeout ?? DEFAULT_COMMUNICATION.checkTimeoutMs,
  }
}

function durationOf(text: string): number | null {
  const parsed = parseDuration(text)
  return parsed.ok && parsed.ms > 0 ? parsed.ms : null
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const SYNC_POINT = /^(?:([a-z]+)s?\s+)?(\d{1,2}):(\d{2})\s*(?:utc|z)$/i

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
