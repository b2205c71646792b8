import { parseDuration } from '../domain/duration.ts'
import { type Communication, DEFAULT_COMMUNICATION, type SyncPoint } from '../domain/talk/talk.ts'
import type { ProjectFile } from './schema/project.ts'
import { parseSyncPoint } from './syncPoint.ts'

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
