import type { ClockSource } from '../clock.ts'
import type { Timeline } from './timeline.ts'

/** The first wall clock reading, ms since 1970. */
const START_WALL = Date.UTC(2026, 0, 1)

/** A machine's clocks: the wall clock can be set, the uptime cannot, and a reboot begins it anew. */
export class Machine implements ClockSource {
  /** Added to the true time; what somebody set the clock to. */
  wallOffset = 0
  #boots = 1
  #bootedAt = 0
  readonly #timeline: Timeline

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  wall(): number {
    return START_WALL + this.#timeline.now + this.wallOffset
  }

  uptime(): number {
    return this.#timeline.now - this.#bootedAt
  }

  bootId(): string {
    return `boot-${this.#boots}`
  }

  reboot(): void {
    this.#boots++
    this.#bootedAt = this.#timeline.now
  }
}
