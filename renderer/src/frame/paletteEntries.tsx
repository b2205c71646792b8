import type { TaskId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import { type Mark, runStatus, taskStatus } from '../../../main/domain/status.ts'
import type { Action } from '../actions/action.ts'
import { runName, useRunActions } from '../actions/runActions.ts'
import { useTaskActions } from '../actions/taskActions.ts'
import { navigate, usePlace } from '../state/place.ts'
import { setPreference, usePreference } from '../state/preferences.ts'
import { useSelectedRun } from '../state/selectedRun.ts'
import { useEngineState } from '../state/session.tsx'
import { LANGUAGES, useWords } from '../words/language.ts'
import { RAIL } from './Rail.tsx'
import { words } from './words.ts'

export interface Entry extends Action {
  readonly mark?: Mark
  readonly hint?: string
}

/** What the palette offers now, most likely first. */
export function usePaletteEntries(): readonly Entry[] {
  const w = useWords(words)
  const { task } = usePlace()
  const found = useSelectedRun()
  const state = useEngineState()
  const inspector = usePreference('inspector')
  const run = found.status === 'ready' ? found.value : undefined
  const index = run === undefined ? undefined : planIndex(run.plan).byId.get(task as TaskId)
  const runActions = useRunActions(run)
  const taskActions = useTaskActions(run, index)
  const entries: Entry[] = []
  if (taskActions !== undefined) {
    for (const action of Object.values(taskActions)) {
      entries.push({ ...action, id: `task-${action.id}`, hint: task ?? '' })
    }
  }
  RAIL.forEach(([view], n) => {
    const keys = `Alt+${(n + 1) % 10}`
    entries.push({ id: `view-${view}`, label: w.views[view], keys, perform: () => navigate({ view }) })
  })
  if (runActions !== undefined && run !== undefined) {
    for (const action of Object.values(runActions)) {
      entries.push({ ...action, id: `run-${action.id}`, hint: runName(run) })
    }
  }
  run?.plan.tasks.forEach((spec, n) => {
    const { mark } = taskStatus(run, n, 0)
    const hint = spec.role ?? spec.skills.join(', ')
    const perform = (): void => navigate({ run: run.id, task: spec.id })
    const label = spec.title === spec.id ? spec.id : `${spec.id} · ${spec.title}`
    entries.push({ id: `to-${spec.id}`, label, mark, hint, perform })
  })
  for (const other of [...(state?.runs.values() ?? [])].reverse()) {
    const perform = (): void => navigate({ run: other.id, task: undefined })
    const { mark } = runStatus(other)
    entries.push({ id: `at-${other.id}`, label: other.plan.title, mark, hint: runName(other), perform })
  }
  for (const theme of ['system', 'dark', 'light'] as const) {
    entries.push({ id: theme, label: w.theme[theme], perform: () => setPreference('theme', theme) })
  }
  for (const language of LANGUAGES) {
    entries.push({
      id: language,
      label: w.language[language],
      perform: () => setPreference('language', language),
    })
  }
  entries.push({
    id: 'inspector',
    label: w.inspector,
    keys: 'Ctrl+I',
    perform: () => setPreference('inspector', !inspector),
  })
  return entries
}
