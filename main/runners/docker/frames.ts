export interface Frame {
  /** 1: standard output, 2: standard error. */
  readonly stream: number
  readonly payload: Buffer
}

/**
 * Takes Docker's framing off a log stream: eight bytes of header (stream, length) before each piece. Standard output
 * and error stay in the order Docker kept them. Pieces may arrive cut anywhere.
 */
export class FrameDecoder {
  /** Bytes of a frame whose header or payload is not complete. */
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Uint8Array): Buffer {
    const payloads = this.frames(chunk).map(({ payload }) => payload)
    return payloads.length === 1 ? payloads[0]! : Buffer.concat(payloads)
  }

  /** The frames that this completes, each with the stream it belongs to. */
  frames(chunk: Uint8Array): readonly Frame[] {
    let buffer = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    while (buffer.length >= 8) {
      const end = 8 + buffer.readUInt32BE(4)
      if (buffer.length < end) break
      frames.push({ stream: buffer[0]!, payload: buffer.subarray(8, end) })
      buffer = buffer.subarray(end)
    }
    this.#rest = buffer
    return frames
  }
}
