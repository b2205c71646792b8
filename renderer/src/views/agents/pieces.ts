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

export const NEWLINE = 0x0a

/** Index of the first byte that begins a character (UTF-8). */
export function characterStart(data: Uint8Array): number {
  let at = 0
  while (at < 3 && at < data.length && (data[at]! & 0xc0) === 0x80) at += 1
  return at
}
