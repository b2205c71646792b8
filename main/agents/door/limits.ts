/** What one agent may ask of the engine. Bytes, counts, seconds and ms as named. */
export const DOOR_LIMITS = {
  /** JSON of one call. */
  bodyBytes: 1024 * 1024,
  /** How deep JSON may be nested, and how many values it may hold. */
  jsonDepth: 64,
  jsonValues: 20_000,
  /** One uploaded or published artifact. */
  artifactBytes: 64 * 1024 * 1024,
  /** What one attempt's commands hold as JSON, at once and in the long run: the log keeps it. */
  wordsBytes: 32 * 1024 * 1024,
  wordsBytesPerSecond: 16 * 1024,
  /** All that one attempt uploads or publishes through one engine's life; then nothing more is begun. */
  uploadBytes: 1024 * 1024 * 1024,
  uploadsAtOnce: 2,
  /** JSON of one answer that lists messages. */
  inboxBytes: 1024 * 1024,
  /** A file of the context read through the door. */
  contextBytes: 1024 * 1024,
  headerBytes: 8 * 1024,
  /** Calls answered at once. */
  connections: 16,
  /** Calls that wait for something to happen, of those. */
  waiting: 4,
  /** Longest wait of one call. */
  waitSeconds: 55,
  callsPerSecond: 50,
  callsAtOnce: 200,
  /** A call counts once more for every so many bytes it brings. */
  bytesPerCall: 64 * 1024,
  /** A call over the rate is answered so late: who calls on does not keep the engine busy with refusals. */
  tooManyDelayMs: 250,
  /** Connections within a second, whatever became of them, before the door shuts for a second. */
  knocksPerSecond: 2_000,
  shutMs: 1_000,
  /** A refused connection is read so long at most, unless there are many. */
  lingerMs: 250,
  headersMs: 5_000,
  bodyMs: 20_000,
  uploadMs: 300_000,
  /** A command the engine has not taken after so long is answered with 503; the agent repeats it. */
  commandMs: 10_000,
  /** Commands of one agent that the engine has not answered yet. */
  commands: 64,
  /** Over TCP, all agents together, before it is known whose connection it is. */
  tcpConnections: 256,
} as const

export type DoorLimits = { readonly [K in keyof typeof DOOR_LIMITS]: number }

/** Lets `perSecond` through, and `atOnce` of them at once after a pause. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #atOnce: number
  #tokens: number
  /** When tokens were last added, ms. */
  #at: number

  constructor(perSecond: number, atOnce: number, now: number) {
    this.#perSecond = perSecond
    this.#atOnce = atOnce
    this.#tokens = atOnce
    this.#at = now
  }

  /** Takes so many at `now` (ms, monotonic), or none. */
  take(now: number, count = 1): boolean {
    const gained = (Math.max(0, now - this.#at) / 1_000) * this.#perSecond
    this.#tokens = Math.min(this.#atOnce, this.#tokens + gained)
    this.#at = now
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}
