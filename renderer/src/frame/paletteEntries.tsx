import type { ClientCommand } from '../../../main/domain/commands.ts'
import { placeKeyOf } from '../../../main/domain/gates/placeKey.ts'
import type { TaskId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Run } from '../../../main/domain/state.ts'
import { type Mark, runStatus, taskStatus } from '../../../main/domain/status.ts'
import { VIEW_KEYS } from '../../../preload/contract.ts'
import type { Action } from '../actions/action.ts'
import { refusalOf } from '../actions/refusal.ts'
import { runName, useRunActions } from '../actions/runActions.ts'
import { useTaskActions } from '../actions/taskActions.ts'
import { useDispatch } from '../actions/useDispatch.ts'
import { gateEntries } from '../gates/gateEntries.ts'
import { words as gateWords } from '../gates/words.ts'
import { words as inspectorWords } from '../inspector/words.ts'
import { isAsking } from '../state/asking.ts'
import { forgetRun } from '../state/history.ts'
import { usePerson } from '../state/person.ts'
import { navigate, usePlace } from '../state/place.ts'
import { setPreference, usePreference } from '../state/preferences.ts'
import { useSelectedRun } from '../state/selectedRun.ts'
import { useEngineState } from '../state/session.tsx'
import { conflictIn } from '../views/conflicts/Asked.tsx'
import { words as conflictWords } from '../views/conflicts/words.ts'
import { useIncidentEntries } from '../views/incidents/useIncidentEntries.ts'
import { useReleaseEntries } from '../views/releases/useReleaseEntries.ts'
import { plain } from '../views/talk/markdown.ts'
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
  const g = useWords(gateWords)
  const releases = useReleaseEntries()
  const entries: Entry[] = []
  const answers = useAnswers(run)
  entries.push(...useIncidentEntries())
  if (taskActions !== undefined) {
    for (const action of Object.values(taskActions)) {
      entries.push({ ...action, id: `task-${action.id}`, hint: task ?? '' })
    }
  }
  entries.push(...answers)
  RAIL.forEach(([view]) => {
    const keys = `Alt+${VIEW_KEYS[view]}`
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
  if (run !== undefined) entries.push(...gateEntries(g, run))
  for (const other of [...(state?.runs.values() ?? [])].reverse()) {
    const perform = (): void => navigate({ run: other.id, task: undefined })
    const { mark } = runStatus(other)
    entries.push({ id: `at-${other.id}`, label: other.plan.title, mark, hint: runName(other), perform })
  }
  entries.push(...releases)
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

/** What waits for a person: each choice, or the place to answer in words. */
function useAnswers(run: Run | undefined): readonly Entry[] {
  const w = useWords(words)
  const i = useWords(inspectorWords)
  const c = useWords(conflictWords)
  const dispatch = useDispatch()
  const person = usePerson()
  const state = useEngineState()
  if (run === undefined || state === undefined) return []
  return run.attention.flatMap((item): readonly Entry[] => {
    const { id, choices, about } = item
    const text = plain(item.text)
    const asked = { run: run.id, id, since: item.since }
    const answer = (choice: string): ClientCommand => ({ type: 'attention.answer', ...asked, choice })
    const made = choices.map((choice): Entry => {
      const own =
        item.kind === 'question'
          ? undefined
          : conflictIn(item) !== undefined
            ? (c.actions as Record<string, { readonly name: string }>)[choice]?.name
            : (i.choices as Record<string, string>)[choice]
      return {
        id: `answer-${id}-${choice}`,
        label: w.answerWith(own ?? choice, text),
        mark: 'needs-you',
        unavailable: refusalOf(state, run, answer(choice), undefined, person),
        perform: () =>
          void dispatch(answer(choice)).then((taken) => {
            if (taken) forgetRun(run.id)
          }),
      }
    })
    if (about === null) return made
    const gate = placeKeyOf(run, about)
    const view = gate !== undefined ? 'graph' : conflictIn(item) === undefined ? 'talk' : 'conflicts'
    const perform = (): void =>
      navigate({ view, run: run.id, at: gate ?? about, ...(gate === undefined ? {} : { task: undefined }) })
    const label = isAsking(item) && choices.length === 0 ? w.answerInWords(text) : w.readAbout(text)
    return [...made, { id: `about-${id}`, label, mark: 'needs-you', perform }]
  })
}
