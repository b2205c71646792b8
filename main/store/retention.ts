/** Outcomes of commands kept for answering repeats; older ones are forgotten. */
export const KEPT_OUTCOMES = 200_000
/** Outcomes are pruned after so many were added, and at most twice as many at once. */
export const PRUNE_EVERY = 256

/** Key frames kept whatever their age. */
export const KEPT_KEY_FRAMES = 3
/** Besides those, the first key frame of every so many events stays: any moment is within reach of one. */
export const KEY_FRAME_SPAN = 50_000

/** Those of the key frames at `seqs` (ascending) that need not be kept. */
export function obsoleteKeyFrames(seqs: readonly number[]): readonly number[] {
  const firstNewest = seqs.length - KEPT_KEY_FRAMES
  return seqs.filter((seq, i) => {
    const previous = seqs[i - 1]
    return i < firstNewest && previous !== undefined && spanOf(previous) === spanOf(seq)
  })
}

function spanOf(seq: number): number {
  return Math.floor(seq / KEY_FRAME_SPAN)
}
