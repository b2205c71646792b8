import { preferences, setPreference } from '../../state/preferences.ts'
import type { Grouping } from './agentRows.ts'

/** How a person arranged this view: kept in the preference `terminals` as JSON. */
export interface Arrangement {
  /** Of the list, px. */
  readonly width: number
  readonly grouping: Grouping
  readonly follow: boolean
  /** By run, newest last; as the docking library writes them. */
  readonly layouts: Readonly<Record<string, unknown>>
}

const DEFAULTS: Arrangement = { width: 300, grouping: 'role', follow: true, layouts: {} }
/** Layouts kept; those of older runs are forgotten. */
const KEPT = 12

/** Anything unreadable is as if it had never been. */
export function parseArrangement(text: string | null): Arrangement {
  if (text === null) return DEFAULTS
  try {
    const value = JSON.parse(text) as Partial<Arrangement> | null
    if (typeof value !== 'object' || value === null) return DEFAULTS
    const { width, grouping, follow, layouts } = value
    return {
      width: typeof width === 'number' ? clampWidth(width) : DEFAULTS.width,
      grouping: grouping === 'state' || grouping === 'role' ? grouping : DEFAULTS.grouping,
      follow: typeof follow === 'boolean' ? follow : DEFAULTS.follow,
      layouts: typeof layouts === 'object' && layouts !== null && !Array.isArray(layouts) ? layouts : {},
    }
  } catch {
    return DEFAULTS
  }
}

export const NARROWEST = 220
export const WIDEST = 520

export function clampWidth(width: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))
}

export function withLayout(arrangement: Arrangement, run: string, layout: unknown): Arrangement {
  const { [run]: _, ...others } = arrangement.layouts
  const kept = Object.entries(others).slice(-(KEPT - 1))
  return { ...arrangement, layouts: Object.fromEntries([...kept, [run, layout]]) }
}

export function arrangement(): Arrangement {
  return parseArrangement(preferences.getState().terminals)
}

export function arrange(change: (now: Arrangement) => Arrangement): void {
  setPreference('terminals', JSON.stringify(change(arrangement())))
}
