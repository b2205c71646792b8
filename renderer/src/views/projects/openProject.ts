import { createStore, useStore } from 'zustand'
import { preferences, setPreference } from '../../state/preferences.ts'

/** The project on the screen, and those before it. */
const MOST_REMEMBERED = 12

const opened = createStore<{ readonly path: string | null }>(() => ({
  path: preferences.getState().projects[0] ?? null,
}))

export function openProject(path: string): void {
  opened.setState({ path })
  const others = preferences.getState().projects.filter((other) => other !== path)
  setPreference('projects', [path, ...others].slice(0, MOST_REMEMBERED))
}

export function useOpenProject(): string | null {
  return useStore(opened, (all) => all.path)
}
