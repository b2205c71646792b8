import type { LocalClient } from '../localClient.ts'
import type { Engine } from './engineLink.ts'

/** How often an engine elsewhere is asked whether it is still at work, ms. */
export const BEAT_MS = 10_000
/** One that is asked something small and has not answered after this long hangs or has been stopped, ms. */
export const SILENCE_MS = 20_000

/**
 * The engine of another process. One that hangs keeps its connections, and whoever asks it waits for ever: after a
 * while of silence it counts as gone, so that pages say so and look for it again.
 */
export function clientEngine(client: LocalClient): Engine {
  let late: NodeJS.Timeout | undefined
  const ask = (): void => {
    if (late !== undefined) return
    late = setTimeout(() => client.close(), SILENCE_MS)
    const heard = (): void => {
      clearTimeout(late)
      late = undefined
    }
    // An error is an answer, too.
    client.runs({ limit: 1 }).then(heard, heard)
  }
  const beat = setInterval(ask, BEAT_MS)
  const rest = (): void => {
    clearInterval(beat)
    clearTimeout(late)
  }
  void client.gone.then(rest)
  return {
    center: client,
    pid: client.pid,
    gone: client.gone,
    close: async () => {
      rest()
      client.close()
    },
  }
}
