import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'

/** The terminals below the graph: the selected task's first, then the longest at work. */
export function Dock({ run }: { readonly run: Run }): ReactNode {
  return <section data-run={run.id} />
}
