import { setTimeout as delay } from 'node:timers/promises'

/**
 * A full disk is no end of an action: what was done outside is done, and has to be on record before anything else is.
 * It waits for room; the engine tells of the disk meanwhile.
 */
const LOOK_MS = 500

export function isFull(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Writes as soon as there is room. False: the program ended before that, and the next one takes it up. */
export async function whenRoom(closing: AbortSignal, write: () => void): Promise<boolean> {
  for (;;) {
    try {
      write()
      return true
    } catch (error) {
      if (!isFull(error)) throw error
    }
    await delay(LOOK_MS, undefined, { signal: closing }).catch(() => undefined)
    if (closing.aborted) return false
  }
}
