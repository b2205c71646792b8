import type { Terminal } from '@xterm/xterm'

export interface KeyDoors {
  /** Out of the terminal, for those without a mouse. */
  readonly onLeave: () => void
  readonly onFind: () => void
  readonly onCopy: () => void
}

/** Two Escapes within this time leave the terminal, ms. */
const TWICE_MS = 500

let lastEscape = 0

/**
 * Which keys are the agent's (true) and which are ours or the page's (false). In a running agent's terminal all are
 * the agent's but Ctrl+Shift+anything, Ctrl+F and the ways out; in one that is read-only none is.
 */
export function handleKey(
  terminal: Terminal,
  event: KeyboardEvent,
  writable: boolean,
  doors: KeyDoors,
): boolean {
  if (event.type !== 'keydown') return writable
  const control = event.ctrlKey || event.metaKey
  const key = event.key.toLowerCase()
  if (leaves(event, writable)) return ours(event, doors.onLeave)
  if (control && key === 'f') return ours(event, doors.onFind)
  if (control && key === 'c' && (event.shiftKey || !writable)) return ours(event, doors.onCopy)
  if (control && event.shiftKey) return false
  if (writable) return true
  const lines = scroll(event.key, terminal.rows)
  if (lines !== undefined) return ours(event, () => terminal.scrollLines(lines))
  return false
}

function ours(event: KeyboardEvent, act: () => void): false {
  event.preventDefault()
  event.stopPropagation()
  act()
  return false
}

function leaves(event: KeyboardEvent, writable: boolean): boolean {
  if (event.key === 'F6') return true
  if (event.key !== 'Escape') return false
  if (!writable || (event.ctrlKey && event.shiftKey)) return true
  const twice = event.timeStamp - lastEscape < TWICE_MS
  lastEscape = twice ? 0 : event.timeStamp
  return twice
}

function scroll(key: string, rows: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -(rows - 1),
    PageDown: rows - 1,
    Home: -1_000_000,
    End: 1_000_000,
  }
  return steps[key]
}
