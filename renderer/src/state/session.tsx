import { createContext, type ReactNode, useContext } from 'react'
import { useStore } from 'zustand'
import type { RunId } from '../../../main/domain/ids.ts'
import type { Run, State } from '../../../main/domain/state.ts'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import type { Live, LiveStore } from './live.ts'

/** What every view may reach: the bridge and the live state. */
export interface Session {
  readonly bridge: AmphitheatreBridge
  readonly live: LiveStore
}

const SessionContext = createContext<Session | undefined>(undefined)

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }): ReactNode {
  return <SessionContext value={session}>{children}</SessionContext>
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('outside of a session')
  return session
}

export function useBridge(): AmphitheatreBridge {
  return useSession().bridge
}

/** Renders again only when what `select` gives is another value; keep it cheap and give the same object for the same. */
export function useLive<T>(select: (live: Live) => T): T {
  return useStore(useSession().live, select)
}

export function useEngineState(): State | undefined {
  return useLive((live) => live.state)
}

/** Has the run ended, as far as is known? */
export function useIsOver(run: Run): boolean {
  return useLive((live) => (live.state?.runs.get(run.id) ?? run).endedAt !== null)
}

/** A run in live state; undefined for one that left it (see `useRun` in history.ts) or is not known. */
export function useLiveRun(run: RunId | undefined): Run | undefined {
  return useLive((live) => (run === undefined ? undefined : live.state?.runs.get(run)))
}
