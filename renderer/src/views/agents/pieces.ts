import type { Messages } from '../../../../preload/contract.ts'

/** A piece of an attempt's output, as it comes. */
export type Piece = Messages['output']

/** Pieces that follow each other as one. */
export function joined(pieces: readonly Piece[]): { readonly offset: number; readonly data: Uint8Array } {
  const [first] = pieces
  if (pieces.length === 1) return first!
  const data = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.data.length, 0))
  let at = 0
  for (const piece of pieces) {
    data.set(piece.data, at)
    at += piece.data.length
  }
  return { offset: first!.offset, data }
}

const NEWLINE = 0x0a

/** Index after the first line's end; where there is none, of the first whole character. */
export function lineStart(data: Uint8Array): number {
  const end = data.indexOf(NEWLINE)
  if (end >= 0 && end + 1 < data.length) return end + 1
  let at = 0
  while (at < 3 && at < data.length && (data[at]! & 0xc0) === 0x80) at += 1
  return at
}
