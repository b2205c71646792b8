import { Tooltip } from '@base-ui/react/tooltip'
import { type ReactNode, StrictMode, useEffect, useState } from 'react'
import type { AmphitheatreBridge } from '../../preload/contract.ts'
import { DiffDialog } from './actions/diff.tsx'
import { Catch } from './frame/Catch.tsx'
import { Frame } from './frame/Frame.tsx'
import { followEngine } from './state/live.ts'
import { navigate } from './state/place.ts'
import { applyTheme } from './state/preferences.ts'
import { type Session, SessionProvider } from './state/session.tsx'
import { Questions } from './ui/Dialog.tsx'
import { Toasts } from './ui/toasts.tsx'

/** The whole control center on one bridge. */
export function App({ bridge }: { readonly bridge: AmphitheatreBridge }): ReactNode {
  const [session] = useState<Session>(() => ({ bridge, live: followEngine(bridge) }))
  useEffect(applyTheme, [])
  useEffect(() => bridge.on('goto', (place) => navigate({ task: undefined, ...place })), [bridge])
  return (
    <StrictMode>
      <SessionProvider session={session}>
        <Tooltip.Provider delay={500}>
          <Catch>
            <Frame />
          </Catch>
          <Questions />
          <DiffDialog />
          <Toasts />
        </Tooltip.Provider>
      </SessionProvider>
    </StrictMode>
  )
}
