/**
 * Takes Docker's framing off a log stream: eight bytes of header (stream, length) before each piece. Standard output
 * and error stay in the order Docker kept them. Pieces may arrive cut anywhere.
 */
export class FrameDecoder {
  /** Bytes of a frame whose header or payload is not complete. */
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Uint8Array): Buffer {
    let buffer = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    const payloads: Buffer[] = []
    while (buffer.length >= 8) {
      const end = 8 + buffer.readUInt32BE(4)
      if (buffer.length < end) break
      payloads.push(buffer.subarray(8, end))
      buffer = buffer.subarray(end)
    }
    this.#rest = buffer
    return payloads.length === 1 ? payloads[0]! : Buffer.concat(payloads)
  }
}
