import { useEffect } from 'react'
import { createStore, useStore } from 'zustand'
import { useBridge, useLive } from './session.tsx'

const known = createStore<{ readonly person: string | undefined }>(() => ({ person: undefined }))

/** Who acts here, as approvals name them; undefined until it is known. */
export function usePerson(): string | undefined {
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const person = useStore(known, (all) => all.person)
  useEffect(() => {
    if (!connected || person !== undefined) return
    bridge.request('host', {}).then(
      (host) => known.setState({ person: host.person }),
      () => undefined,
    )
  }, [bridge, connected, person])
  return person
}
