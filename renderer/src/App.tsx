import { Tooltip } from '@base-ui/react/tooltip'
import { type ReactNode, StrictMode, useEffect, useState } from 'react'
import type { AmphitheatreBridge } from '../../preload/contract.ts'
import { DiffDialog } from './actions/diff.tsx'
import { isInBrowser } from './bridge/connect.ts'
import { Catch } from './frame/Catch.tsx'
import { Frame } from './frame/Frame.tsx'
import { ReportDialog } from './gates/Report.tsx'
import { Outside } from './outside/Outside.tsx'
import { RollbackDialogs } from './rollback/RollbackDialogs.tsx'
import { followEngine } from './state/live.ts'
import { navigate } from './state/place.ts'
import { applyTheme } from './state/preferences.ts'
import { type Session, SessionProvider } from './state/session.tsx'
import { Questions } from './ui/Dialog.tsx'
import { Toasts } from './ui/toasts.tsx'
import { IncidentDialogs } from './views/incidents/IncidentDialogs.tsx'
import { openProject } from './views/projects/openProject.ts'

/** The whole control center on one bridge. */
export function App({ bridge }: { readonly bridge: AmphitheatreBridge }): ReactNode {
  const [session] = useState<Session>(() => ({ bridge, live: followEngine(bridge) }))
  useEffect(applyTheme, [])
  useEffect(() => void openNamed(session).catch(() => undefined), [session])
  useEffect(() => bridge.on('goto', (place) => navigate({ task: undefined, ...place })), [bridge])
  return (
    <StrictMode>
      <SessionProvider session={session}>
        <Tooltip.Provider delay={500}>
          <Catch>
            <Frame />
          </Catch>
          {isInBrowser() && <Outside />}
          <Questions />
          <DiffDialog />
          <ReportDialog />
          <IncidentDialogs />
          <RollbackDialogs />
          <Toasts />
        </Tooltip.Provider>
      </SessionProvider>
    </StrictMode>
  )
}

/** The project that was named when the program was started: on the screen first, unless something is at work. */
async function openNamed({ bridge, live }: Session): Promise<void> {
  const begun = window.location.hash === ''
  const { open } = await bridge.request('host', {})
  if (open === null) return
  openProject(open)
  const { state } = live.getState()
  const busy = [...(state?.runs.values() ?? [])].some((run) => run.endedAt === null)
  if (begun && !busy && window.location.hash === '') navigate({ view: 'projects' }, 'replace')
}
