/** Something a person can do here: one list feeds buttons, menus and the palette. */
export interface Action {
  readonly id: string
  readonly label: string
  readonly danger?: boolean
  readonly keys?: string
  /** Why not now. */
  readonly unavailable?: string | undefined
  readonly perform: () => void
}
