import type { AttemptId } from '../../../../main/domain/ids.ts'
import type { AmphitheatreBridge } from '../../../../preload/contract.ts'

/** Most that is sent in one request, UTF-16 units. */
const PIECE = 65_536

/**
 * What is typed, in order, once a frame: keys that come quicker travel together, and the next piece waits for the one
 * before. After a failure the rest is dropped: half a command is worse than none.
 */
export class InputQueue {
  readonly #bridge: AmphitheatreBridge
  readonly #attempt: AttemptId
  readonly #onFailure: (error: unknown) => void
  readonly #frame: (callback: () => void) => void
  #text = ''
  #busy = false

  constructor(
    bridge: AmphitheatreBridge,
    attempt: AttemptId,
    onFailure: (error: unknown) => void,
    frame: (callback: () => void) => void = (callback) => requestAnimationFrame(callback),
  ) {
    this.#bridge = bridge
    this.#attempt = attempt
    this.#onFailure = onFailure
    this.#frame = frame
  }

  type(text: string): void {
    this.#text += text
    if (this.#busy || text === '') return
    this.#busy = true
    this.#frame(() => void this.#send())
  }

  async #send(): Promise<void> {
    try {
      while (this.#text !== '') {
        const data = cutWhole(this.#text, PIECE)
        this.#text = this.#text.slice(data.length)
        await this.#bridge.request('input', { attempt: this.#attempt, data })
      }
    } catch (error) {
      this.#text = ''
      this.#onFailure(error)
    } finally {
      this.#busy = false
    }
  }
}

/** At most `most` units, never half a character. */
export function cutWhole(text: string, most: number): string {
  if (text.length <= most) return text
  const last = text.charCodeAt(most - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most)
}
