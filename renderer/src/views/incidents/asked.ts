import { createStore } from 'zustand/vanilla'
import type { ProjectId } from '../../../../main/domain/ids.ts'

/** A dialog about an incident that is asked for, from a button, a menu, the palette or from outside of the page. */
export type Asked =
  | { readonly kind: 'open'; readonly project: ProjectId | undefined }
  | {
      readonly kind: 'close' | 'merge' | 'review' | 'report'
      readonly project: ProjectId
      readonly incident: string
    }

export const asked = createStore<{ readonly dialog: Asked | undefined }>(() => ({ dialog: undefined }))

export function ask(dialog: Asked): void {
  asked.setState({ dialog })
}

export function answered(): void {
  asked.setState({ dialog: undefined })
}
