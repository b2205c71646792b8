import { useSyncExternalStore } from 'react'
import { useLive } from './session.tsx'

/** One clock for everything that counts seconds on the screen; it stands still while nobody looks. */
const listeners = new Set<() => void>()
let now = Date.now()
let timer: number | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(tick, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  if (document.hidden) return
  now = Date.now()
  for (const listener of listeners) listener()
}

document.addEventListener('visibilitychange', tick)

/** Engine time, once a second, ms. */
export function useNow(): number {
  const offset = useLive((live) => live.clockOffset)
  return useSyncExternalStore(subscribe, () => now) + offset
}
