import type { AddPanelPositionOptions, DockviewApi, IDockviewPanel, SerializedDockview } from 'dockview-react'
import { createContext, useContext } from 'react'
import { attemptId, type RunId, type TaskId } from '../../../../main/domain/ids.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { currentPlace, navigate } from '../../state/place.ts'
import { dockedTasks } from './dockedTasks.ts'
import { followBusy, type OpenTerminal } from './followBusy.ts'
import { arrange, arrangement, withLayout } from './layouts.ts'

/** How long after the last change a layout is kept, ms. */
const SAVE_MS = 300

/** Smallest a terminal opened by itself is made. */
const NARROWEST_PX = 280
const LOWEST_PX = 180

/** `auto`: opened by itself, gives its place up. `look`: replaced by the next look. `kept`: stays until it is closed. */
type Hold = 'auto' | 'look' | 'kept'

/**
 * Which terminals of one run are open, and where. `#api` is undefined until the dock is there; what is asked for
 * before that is done then. Layouts are kept by run and found again.
 */
export class Docking {
  readonly #run: RunId
  readonly #holds = new Map<string, Hold>()
  readonly #dismissed = new Set<string>()
  #api: DockviewApi | undefined
  #pending: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #disposables: { dispose(): void }[] = []
  /** The latest state: closing asks it which attempt was dismissed. */
  #latest: Run | undefined

  constructor(run: RunId) {
    this.#run = run
  }

  /** The dock is there: what was kept of this run is found again. Once. */
  attach(api: DockviewApi, run: Run): void {
    this.#api = api
    this.#latest = run
    this.#restore(api, run)
    this.listen()
    this.#pending?.()
    this.#pending = undefined
  }

  /** From now on changes are kept, until `rest`; may follow each other any number of times. */
  listen(): void {
    const api = this.#api
    if (api === undefined || this.#disposables.length > 0) return
    this.#disposables = [
      api.onDidLayoutChange(() => this.#saveSoon()),
      api.onDidRemovePanel((panel) => this.#holds.delete(panel.id)),
      api.onDidMovePanel(({ panel }) => this.keep(panel.id)),
    ]
  }

  /** Keeps what is not kept yet. */
  rest(): void {
    for (const disposable of this.#disposables) disposable.dispose()
    this.#disposables = []
    if (this.#timer !== undefined) this.#save()
  }

  /** Adds the task's terminal or brings it to the front. */
  open(task: string, hold: 'look' | 'kept'): void {
    const api = this.#api
    if (api === undefined) {
      this.#pending = () => this.open(task, hold)
      return
    }
    const known = api.getPanel(task)
    if (known !== undefined) {
      known.api.setActive()
      if (hold === 'kept') this.keep(task)
      return
    }
    const looked = api.panels.find((panel) => this.#holds.get(panel.id) === 'look')
    this.#add(api, task, hold, looked === undefined ? undefined : { referencePanel: looked.id })
    if (looked !== undefined) api.removePanel(looked)
  }

  /** It was touched: it stays. */
  keep(task: string): void {
    this.#holds.set(task, 'kept')
  }

  /** The person closes it. */
  close(task: string): void {
    const panel = this.#api?.getPanel(task)
    if (panel === undefined) return
    const run = this.#latest
    const index = run === undefined ? undefined : planIndex(run.plan).byId.get(task as TaskId)
    const current = index === undefined ? undefined : run?.tasks.get(index)?.current
    if (current != null) this.#dismissed.add(attemptId(this.#run, task as TaskId, current.n))
    this.#api?.removePanel(panel)
    // So that asking for it again is a change of place.
    if (currentPlace().task === task) navigate({ task: undefined }, 'replace')
  }

  split(panel: IDockviewPanel, direction: 'right' | 'below'): void {
    this.keep(panel.id)
    panel.api.moveTo({ group: panel.group, position: direction === 'right' ? 'right' : 'bottom' })
  }

  /** Opens what is at work, where `follow`. */
  update(run: Run, follow: boolean): void {
    this.#latest = run
    const api = this.#api
    if (api === undefined || !follow || api.hasMaximizedGroup()) return
    const open = api.panels.map(
      (panel): OpenTerminal => ({ task: panel.id, auto: this.#holds.get(panel.id) === 'auto' }),
    )
    const steps = followBusy(run, open, this.#dismissed)
    if (steps.length === 0) return
    const front = api.activePanel
    keepingKeyboard(() => {
      for (const { task, instead } of steps) {
        const old = instead === undefined ? undefined : api.getPanel(instead)
        this.#add(api, task, 'auto', old === undefined ? this.#nextPlace(api) : { referencePanel: old.id })
        if (old !== undefined) api.removePanel(old)
      }
      // What opens by itself takes the place of nothing somebody looks at or types into.
      if (front !== undefined && api.activePanel !== front && api.getPanel(front.id) === front)
        front.api.setActive()
    })
  }

  #add(api: DockviewApi, task: string, hold: Hold, position: AddPanelPositionOptions | undefined): void {
    const instead = position !== undefined && !('direction' in position)
    api.addPanel({
      id: task,
      component: 'terminal',
      title: task,
      inactive: hold === 'auto' && !instead && api.panels.length > 0,
      ...(position === undefined ? {} : { position }),
    })
    this.#holds.set(task, hold)
  }

  /** Where there is most room: beside or below the largest; in it where even half of that is too little. */
  #nextPlace(api: DockviewApi): AddPanelPositionOptions | undefined {
    const [largest] = api.groups.toSorted((a, b) => b.width * b.height - a.width * a.height)
    if (largest === undefined) return undefined
    const { width, height } = largest
    const beside = width >= 2 * NARROWEST_PX
    if (beside && (width >= height || height < 2 * LOWEST_PX)) {
      return { referenceGroup: largest, direction: 'right' }
    }
    if (height >= 2 * LOWEST_PX) return { referenceGroup: largest, direction: 'below' }
    return { referenceGroup: largest, direction: 'within' }
  }

  #restore(api: DockviewApi, run: Run): void {
    const layout = arrangement().layouts[this.#run] as SerializedDockview | undefined
    if (layout === undefined) {
      this.#begin(api, run)
      return
    }
    try {
      api.fromJSON(layout)
      const { byId } = planIndex(run.plan)
      for (const panel of [...api.panels]) if (!byId.has(panel.id as TaskId)) api.removePanel(panel)
      for (const panel of api.panels) this.#holds.set(panel.id, 'kept')
    } catch {
      // Written by another version: as if there had been none.
      api.clear()
    }
  }

  /** Nothing is kept of this run: what the graph's dock would show. */
  #begin(api: DockviewApi, run: Run): void {
    for (const index of dockedTasks(run, undefined)) {
      this.#add(api, run.plan.tasks[index]!.id, 'auto', this.#nextPlace(api))
    }
  }

  #saveSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#save(), SAVE_MS)
  }

  #save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const layout = this.#api?.toJSON()
    if (layout !== undefined) arrange((now) => withLayout(now, this.#run, layout))
  }
}

/**
 * A pane that is split is taken out of the page and put into its new place, which takes the keyboard from it: what
 * somebody types then, or a click of just before, would be lost.
 */
function keepingKeyboard(change: () => void): void {
  const before = document.activeElement
  change()
  const now = document.activeElement
  if (before === now || !(before instanceof HTMLElement) || !before.isConnected) return
  if (now === null || now === document.body) before.focus({ preventScroll: true })
}

export interface Docked {
  readonly run: Run
  readonly docking: Docking
}

/** For the panels of the dock. */
export const DockContext = createContext<Docked | undefined>(undefined)

export function useDocked(): Docked {
  const docked = useContext(DockContext)
  if (docked === undefined) throw new Error('outside of the dock')
  return docked
}

/** Index of a panel's task; undefined for one the plan does not have. */
export function indexOf(run: Run, panel: string): number | undefined {
  return planIndex(run.plan).byId.get(panel as TaskId)
}
