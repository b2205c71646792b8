import { type ReactNode, Suspense } from 'react'
import { useStore } from 'zustand'
import { lazyPart } from '../frame/lazyPart.ts'
import { rollbackAsked } from './asked.ts'

const RollbackDialog = lazyPart(async () => (await import('./RollbackDialog.tsx')).RollbackDialog)

/** Once in the frame; fetched when the first rollback is asked for. */
export function RollbackDialogs(): ReactNode {
  const open = useStore(rollbackAsked, ({ ask }) => ask !== undefined)
  if (!open) return null
  return (
    <Suspense fallback={null}>
      <RollbackDialog />
    </Suspense>
  )
}
