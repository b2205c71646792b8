import { createStore, useStore } from 'zustand'
import type { RunId, TaskId } from '../../../../main/domain/ids.ts'

/** What a person chose in one task's terminal; shared by its tab, its header and its screen. */
export interface Pane {
  /** The attempt that is shown; undefined follows the newest. */
  readonly attempt: number | undefined
  readonly finding: boolean
  /** Shown from the first byte on. */
  readonly fromStart: boolean
  /** Counts requests to take the keyboard. */
  readonly focus: number
}

const FRESH: Pane = { attempt: undefined, finding: false, fromStart: false, focus: 0 }

interface All {
  readonly panes: Readonly<Record<string, Pane>>
  /** Said by screen readers line by line; slower, so only where it is asked for. */
  readonly reader: boolean
}

const all = createStore<All>(() => ({ panes: {}, reader: false }))

export function paneKey(run: RunId, task: TaskId): string {
  return `${run}/${task}`
}

export function usePane(key: string): Pane {
  return useStore(all, ({ panes }) => panes[key] ?? FRESH)
}

export function useReader(): boolean {
  return useStore(all, ({ reader }) => reader)
}

export function toggleReader(): void {
  all.setState(({ reader }) => ({ reader: !reader }))
}

export function setPane(key: string, change: Partial<Pane>): void {
  all.setState(({ panes }) => ({ panes: { ...panes, [key]: { ...(panes[key] ?? FRESH), ...change } } }))
}

/** Puts the keyboard into the terminal, now or once it is there. */
export function focusPane(key: string): void {
  setPane(key, { focus: (all.getState().panes[key] ?? FRESH).focus + 1 })
}
