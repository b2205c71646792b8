import { type ReactNode, Suspense } from 'react'
import { useStore } from 'zustand'
import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import { lazyPart } from '../../frame/lazyPart.ts'
import { useEngineState } from '../../state/session.tsx'
import { type Asked, answered, asked } from './asked.ts'
import { findIncident } from './incidents.ts'

const OpenDialog = lazyPart(async () => (await import('./OpenDialog.tsx')).OpenDialog)
const CloseDialog = lazyPart(async () => (await import('./CloseDialog.tsx')).CloseDialog)
const MergeDialog = lazyPart(async () => (await import('./MergeDialog.tsx')).MergeDialog)
const ReviewDialog = lazyPart(async () => (await import('./ReviewDialog.tsx')).ReviewDialog)
const ReportDialog = lazyPart(async () => (await import('./ReportDialog.tsx')).ReportDialog)

/** The dialog about an incident that is asked for; once in the frame. */
export function IncidentDialogs(): ReactNode {
  const dialog = useStore(asked, (all) => all.dialog)
  if (dialog === undefined) return null
  return (
    <Suspense fallback={null}>
      <One dialog={dialog} />
    </Suspense>
  )
}

function One({ dialog }: { readonly dialog: Asked }): ReactNode {
  const state = useEngineState()
  if (state === undefined) return null
  if (dialog.kind === 'open') return <OpenDialog state={state} project={dialog.project} onClose={answered} />
  const found = findIncident(state, incidentAt(dialog.project, dialog.incident))
  if (found === undefined) return null
  switch (dialog.kind) {
    case 'close':
      return <CloseDialog found={found} onClose={answered} />
    case 'merge':
      return <MergeDialog found={found} onClose={answered} />
    case 'review':
      return <ReviewDialog found={found} onClose={answered} />
    case 'report':
      return <ReportDialog found={found} onClose={answered} />
  }
}
