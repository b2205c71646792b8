import { useEffect, useRef } from 'react'
import { useLive } from './session.tsx'

/** Calls what it is given each time the engine is reached again after it was lost. */
export function useWhenBack(act: (() => void) | undefined): void {
  const connected = useLive((live) => live.connection.status === 'connected')
  const before = useRef(connected)
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    if (connected && !before.current) latest.current?.()
    before.current = connected
  }, [connected])
}
