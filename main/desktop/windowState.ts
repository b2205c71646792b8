/** Where a window is and how large, in the screen's own units. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowState extends Rectangle {
  readonly maximized: boolean
}

export const MIN_SIZE = { width: 1024, height: 700 } as const
const DEFAULT_SIZE = { width: 1440, height: 900 } as const
/** This much of a window's top has to be on a screen for it to be moved by hand. */
const GRIP = { width: 120, height: 40 } as const

export interface Placement {
  readonly width: number
  readonly height: number
  /** Undefined leaves the choice to the system. */
  readonly position: { readonly x: number; readonly y: number } | undefined
  readonly maximized: boolean
}

/**
 * Where to open the window: where it was, unless the screen it was on is gone or has become smaller.
 * `areas` are the work areas of the screens there are now, the main one first.
 */
export function placeWindow(known: WindowState | undefined, areas: readonly Rectangle[]): Placement {
  const area = (known && areas.find((screen) => holds(screen, known))) ?? areas[0]
  const wanted = known ?? DEFAULT_SIZE
  const width = within(wanted.width, MIN_SIZE.width, area?.width)
  const height = within(wanted.height, MIN_SIZE.height, area?.height)
  const maximized = known?.maximized ?? false
  if (known === undefined || area === undefined || !holds(area, known)) {
    return { width, height, position: undefined, maximized }
  }
  const x = clamp(known.x, area.x, area.x + area.width - width)
  const y = clamp(known.y, area.y, area.y + area.height - height)
  return { width, height, position: { x, y }, maximized }
}

/** Is enough of the window's title on this screen? */
function holds(screen: Rectangle, window: Rectangle): boolean {
  const across = overlap(screen.x, screen.width, window.x, window.width)
  const down = overlap(screen.y, screen.height, window.y, GRIP.height)
  return across >= Math.min(GRIP.width, window.width) && down >= GRIP.height
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart)
}

/** Not smaller than `least` unless the screen is. */
function within(wanted: number, least: number, most = Number.POSITIVE_INFINITY): number {
  return Math.round(Math.min(Math.max(wanted, least), most))
}

function clamp(value: number, from: number, to: number): number {
  return Math.round(Math.max(from, Math.min(value, to)))
}
