import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

/** What a person chose for this window; kept where the page is kept. */
export interface Preferences {
  readonly language: 'en' | 'vi'
  readonly theme: 'system' | 'dark' | 'light'
  readonly inspector: boolean
  /** The house as seats or as the list with the same content. */
  readonly house: 'seats' | 'list'
  /** What makes a tier of the house, where the run has it. */
  readonly tiers: string
  /** Layout of the docked terminals, as the docking library writes it. */
  readonly terminals: string | null
  /** Height of the terminals below the graph, px. */
  readonly dock: number
  /** Is what needs a person told by the browser, too, while nobody looks? */
  readonly notifications: boolean
  /** Folders opened lately, newest first. */
  readonly projects: readonly string[]
}

const KEY = 'amphitheatre.preferences'

const DEFAULTS: Preferences = {
  language: navigator.language.startsWith('vi') ? 'vi' : 'en',
  theme: 'system',
  inspector: true,
  house: 'seats',
  tiers: 'phase',
  terminals: null,
  dock: 300,
  notifications: false,
  projects: [],
}

export const preferences = createStore<Preferences>(() => ({ ...DEFAULTS, ...stored() }))

preferences.subscribe((now) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(now))
  } catch {
    // Without a place to keep them they last as long as the window.
  }
})

export function usePreference<K extends keyof Preferences>(key: K): Preferences[K] {
  return useStore(preferences, (all) => all[key])
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  preferences.setState({ [key]: value } as Pick<Preferences, K>)
}

function stored(): Partial<Preferences> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    const known = Object.entries(value).filter(
      ([key, entry]) => key in DEFAULTS && fits(entry, DEFAULTS[key as keyof Preferences]),
    )
    return Object.fromEntries(known)
  } catch {
    return {}
  }
}

function fits(value: unknown, like: unknown): boolean {
  if (like === null || value === null) return value === null || typeof value === 'string'
  return typeof value === typeof like && Array.isArray(value) === Array.isArray(like)
}

/** Follows the chosen theme, and the system's where none was chosen. */
export function applyTheme(): () => void {
  const system = matchMedia('(prefers-color-scheme: light)')
  const apply = (): void => {
    const { theme, language } = preferences.getState()
    document.documentElement.dataset['theme'] =
      theme === 'system' ? (system.matches ? 'light' : 'dark') : theme
    document.documentElement.lang = language
  }
  apply()
  system.addEventListener('change', apply)
  const stop = preferences.subscribe(apply)
  return () => {
    stop()
    system.removeEventListener('change', apply)
  }
}
