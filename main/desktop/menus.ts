import { type Place, VIEW_KEYS, VIEWS } from '../../preload/contract.ts'
import type { MenuEntry, MenuRole } from './parts.ts'
import type { DesktopSummary } from './summary.ts'
import type { Words } from './words.ts'

/** What menus do. */
export interface MenuActions {
  open(): void
  goTo(place: Place): void
  pauseAll(): void
  continueAll(): void
  stopAll(): void
  showData(): void
  quit(): void
}

const LINE: MenuEntry = { kind: 'line' }
/** Longer questions are cut in the tray's menu. */
const MAX_LABEL = 60

/** One line that says how things are; `undefined` is no engine. */
export function statusLine(summary: DesktopSummary | undefined, words: Words): string {
  if (summary === undefined) return words.away
  const parts = [
    ...(summary.needsYou > 0 ? [words.needYou(summary.needsYou)] : []),
    ...(summary.agents > 0 ? [words.running(summary.agents)] : []),
  ]
  return parts.length === 0 ? words.idle : parts.join(' · ')
}

/** The tray's menu. What is impossible now is greyed; `stopping` is set while the program stops agents to quit. */
export function trayMenu(
  summary: DesktopSummary | undefined,
  stopping: boolean,
  words: Words,
  actions: MenuActions,
): readonly MenuEntry[] {
  const runs = summary?.open.filter((run) => !run.stopping) ?? []
  const newest = summary?.newest ?? null
  const line = stopping ? words.stopping(summary?.agents ?? 0) : statusLine(summary, words)
  const may = !stopping
  const someRun = may && runs.some((run) => !run.paused)
  const somePaused = may && runs.some((run) => run.paused)
  return [
    { kind: 'item', label: line, enabled: false, run: () => undefined },
    LINE,
    { kind: 'item', label: words.open, run: () => actions.open() },
    ...(newest === null
      ? []
      : [item(shorten(newest.text), true, () => actions.goTo(newest.place)) satisfies MenuEntry]),
    ...incidentEntries(summary?.incident ?? null, words, actions),
    LINE,
    item(words.pauseAll, someRun, () => actions.pauseAll()),
    item(words.continueAll, somePaused, () => actions.continueAll()),
    item(words.stop, may && runs.length > 0, () => actions.stopAll()),
    LINE,
    item(words.quit, true, () => actions.quit()),
  ]
}

/** The worst incident, and the way back from it: shown step by step before anything is done. */
function incidentEntries(
  incident: DesktopSummary['incident'],
  words: Words,
  actions: MenuActions,
): readonly MenuEntry[] {
  if (incident === null) return []
  const { title, place, rollback } = incident
  return [
    item(shorten(title), true, () => actions.goTo(place)),
    ...(rollback === null ? [] : [item(words.incident.rollBack, true, () => actions.goTo(rollback))]),
  ]
}

function item(label: string, enabled: boolean, run: () => void): MenuEntry {
  return { kind: 'item', label, enabled, run }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= MAX_LABEL ? line : `${line.slice(0, MAX_LABEL - 1).trimEnd()}…`
}

/** The application's menu: the system's own entries, and the views with their keys. */
export function appMenu(platform: NodeJS.Platform, words: Words, actions: MenuActions): readonly MenuEntry[] {
  const mac = platform === 'darwin'
  const { menu } = words
  const quit: MenuEntry = {
    kind: 'item',
    label: words.quit,
    keys: 'CmdOrCtrl+Q',
    run: () => actions.quit(),
  }
  const projects: MenuEntry = {
    kind: 'item',
    label: menu.openProject,
    keys: 'CmdOrCtrl+O',
    run: () => actions.goTo({ view: 'projects' }),
  }
  const data: MenuEntry = { kind: 'item', label: menu.dataFolder, run: () => actions.showData() }
  const app: MenuEntry = {
    kind: 'menu',
    label: 'Amphitheatre',
    entries: [
      ...roles('about'),
      LINE,
      ...roles('services'),
      LINE,
      ...roles('hide', 'hideOthers', 'unhide'),
      LINE,
      quit,
    ],
  }
  return [
    ...(mac ? [app] : []),
    {
      kind: 'menu',
      label: menu.file,
      entries: mac ? [projects, LINE, ...roles('close')] : [projects, LINE, ...roles('close'), quit],
    },
    {
      kind: 'menu',
      label: menu.edit,
      entries: [...roles('undo', 'redo'), LINE, ...roles('cut', 'copy', 'paste', 'selectAll')],
    },
    {
      kind: 'menu',
      label: menu.view,
      entries: [...roles('resetZoom', 'zoomIn', 'zoomOut'), LINE, ...roles('togglefullscreen')],
    },
    { kind: 'menu', label: menu.go, entries: goEntries(words, actions) },
    {
      kind: 'menu',
      label: menu.window,
      entries: mac ? roles('minimize', 'zoom', 'front') : roles('minimize', 'close'),
    },
    { kind: 'menu', label: menu.help, entries: mac ? [data] : [data, LINE, ...roles('about')] },
  ]
}

/** In the order the pages list them. Alt and a key are the pages' own; these work while a terminal has the keys too. */
function goEntries(words: Words, actions: MenuActions): readonly MenuEntry[] {
  return VIEWS.map((view) => ({
    kind: 'item',
    label: words.views[view],
    // Ctrl+0 sets the zoom back, and letters belong to whoever types.
    ...(/[1-9]/.test(VIEW_KEYS[view]) ? { keys: `CmdOrCtrl+${VIEW_KEYS[view]}` } : {}),
    run: () => actions.goTo({ view }),
  }))
}

function roles(...names: readonly MenuRole[]): readonly MenuEntry[] {
  return names.map((role) => ({ kind: 'role', role }))
}
