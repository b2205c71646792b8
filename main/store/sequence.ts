import type { EventEnvelope } from '../domain/events.ts'

/** Throws for a batch that does not continue the log without a gap: a bug of the caller, not of the disk. */
export function assertContinues(lastSeq: number, events: readonly EventEnvelope[]): void {
  let expected = lastSeq
  for (const event of events) {
    expected += 1
    if (event.seq !== expected) {
      throw new RangeError(`Event ${event.seq} (${event.type}) does not continue the log, ${expected} does.`)
    }
  }
}

/** Throws for a key frame of a moment the log has not reached. */
export function assertReached(lastSeq: number, seq: number): void {
  if (seq > lastSeq) throw new RangeError(`Key frame ${seq} is ahead of the log, which ends at ${lastSeq}.`)
}
