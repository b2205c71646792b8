import { useCallback, useEffect, useRef } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { focusGate } from '../../gates/GateInspector.tsx'
import { navigate, usePlace } from '../../state/place.ts'
import { setPreference } from '../../state/preferences.ts'
import { taskUnitId } from './fold.ts'
import { type GraphViewStore, graphChoices, useGraph } from './graphView.ts'
import type { Scene, Unit } from './scene.ts'
import { type Direction, travel } from './travel.ts'
import type { Camera } from './useCamera.ts'
import type { Drawing } from './useDrawing.ts'
import type { Folding } from './useFolding.ts'

export interface Cursor {
  /** The unit the keyboard is at, in the drawing; undefined while there is none. */
  at(): number | undefined
  travel(direction: Direction): void
  /** A task or role, wherever it is: unfolded, selected, brought into view. */
  goTo(what: { readonly task: number } | { readonly role: number }): void
  /** A click on a card. */
  press(id: string): void
  /** Enter on a card: a task's terminal, a group's tasks, the tasks of a role. */
  open(): void
  clear(): void
  /** Puts the keyboard's focus on the card the cursor is at. */
  focus(): void
  onFocus(target: EventTarget | null): void
}

interface Parts {
  readonly run: Run
  readonly drawing: Drawing | undefined
  readonly camera: Camera
  readonly folding: Folding
  /** The selected task. */
  readonly selected: number | undefined
}

/**
 * The card the keyboard is at: one of them can be reached with Tab, the others with arrows. On a task it is the
 * selection too, and follows it when that is made elsewhere.
 */
export function useCursor({ run, drawing, camera, folding, selected }: Parts): Cursor {
  const { view } = useGraph()
  /** The task selected here last: to bring it into view is for selections made elsewhere. */
  const own = useRef<number | undefined>(undefined)
  /** The task or role that gets the focus when it is drawn. */
  const awaited = useRef<{ readonly id: string; readonly focus: boolean } | undefined>(undefined)
  const scene = drawing?.scene
  const put = (
    unit: number,
    how: { readonly focus: boolean; readonly history: 'push' | 'replace' },
  ): void => {
    const of = scene!.units[unit]!
    view.setState({ cursor: of.id, chosen: of.id })
    own.current = of.kind === 'task' ? of.task : undefined
    const id = of.kind === 'task' ? run.plan.tasks[of.task]!.id : undefined
    const at = of.kind === 'gate' ? of.id : undefined
    if (of.kind !== 'role') navigate({ run: run.id, task: id, at }, how.history)
    if (how.focus) focusCard(of.id)
  }
  const at = (): number | undefined => {
    // A selection made elsewhere moves the cursor and not the focus; keys go by the focus.
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.['unit']
    const wanted = focused ?? view.getState().cursor
    const unit = scene?.units.findIndex(({ id }) => id === wanted) ?? -1
    return unit < 0 ? undefined : unit
  }
  useSelectionFromOutside({ drawing, camera, folding, selected, own })
  useGateFromOutside(drawing, camera)
  useKeptCursor(drawing, camera, selected, awaited)
  return {
    at,
    travel: (direction) => {
      if (scene === undefined) return
      const from = at()
      const isThere = document.activeElement?.matches('[data-unit]') === true || selected !== undefined
      const to =
        from === undefined || !isThere ? (from ?? 0) : travel(scene, drawing!.layout, from, direction)
      if (to === undefined || scene.units[to] === undefined) return
      camera.show(to, false)
      put(to, { focus: true, history: 'replace' })
    },
    goTo: (what) => {
      const id = 'task' in what ? taskUnitId(what.task) : `role:${run.plan.roles[what.role]!.name}`
      const unit = scene?.units.findIndex((of) => of.id === id) ?? -1
      if (unit >= 0) {
        camera.show(unit, true)
        put(unit, { focus: false, history: 'replace' })
      } else if ('task' in what) {
        awaited.current = { id, focus: false }
        own.current = what.task
        navigate({ run: run.id, task: run.plan.tasks[what.task]!.id }, 'replace')
        folding.reveal(what.task)
      }
    },
    press: (id) => {
      const unit = scene?.units.findIndex((of) => of.id === id) ?? -1
      const of = scene?.units[unit]
      if (of === undefined) return
      if (of.kind === 'group') openGroup(of.id, of.tasks)
      else put(unit, { focus: true, history: 'push' })
    },
    open: () => {
      const of = scene?.units[at() ?? -1]
      switch (of?.kind) {
        case 'task':
          return navigate({ view: 'agents', run: run.id, task: run.plan.tasks[of.task]!.id })
        case 'group':
          return openGroup(of.id, of.tasks)
        case 'gate':
          setPreference('inspector', true)
          navigate({ run: run.id, task: undefined, at: of.id }, 'replace')
          // The inspector may have to be drawn first.
          return void requestAnimationFrame(() => requestAnimationFrame(focusGate))
        case 'role':
          graphChoices.setState({ level: 'tasks' })
          view.setState({ query: run.plan.roles[of.role]!.name })
      }
    },
    clear: () => {
      own.current = undefined
      view.setState({ chosen: undefined })
      if (view.getState().query !== '' || view.getState().only !== undefined) {
        view.setState({ query: '', only: undefined })
      } else navigate({ run: run.id, task: undefined, at: undefined }, 'replace')
    },
    focus: () => focusCard(view.getState().cursor),
    onFocus: (target) => {
      const card = target as HTMLElement
      const id = card.dataset['unit']
      if (id === undefined || scene === undefined) return
      const unit = scene.units.findIndex((of) => of.id === id)
      if (unit < 0) return
      // The browser may have scrolled the clipped frame to it; the camera is what moves here.
      card.closest('.react-flow')?.scrollTo(0, 0)
      if (card.matches(':focus-visible')) camera.show(unit, false)
      view.setState({ cursor: id })
    },
  }

  function openGroup(id: string, tasks: readonly number[]): void {
    awaited.current = { id: taskUnitId(tasks[0]!), focus: true }
    folding.openGroup(id)
  }
}

/** A selection made in the palette, by a link or in the inspector is unfolded and brought into view. */
function useSelectionFromOutside({
  drawing,
  camera,
  folding,
  selected,
  own,
}: Omit<Parts, 'run'> & { readonly own: { current: number | undefined } }): void {
  const { view } = useGraph()
  const shown = useRef<number | undefined>(undefined)
  const latest = useRef({ camera, folding })
  latest.current = { camera, folding }
  useEffect(() => {
    if (selected === shown.current || drawing === undefined) return
    const unit = drawing.scene.unitOfTask[selected ?? -1]
    const of = unit === undefined ? undefined : drawing.scene.units[unit]
    if (selected === undefined || of === undefined || of.kind === 'role') {
      if (shown.current !== undefined && selected === undefined && own.current === undefined) clearTask(view)
      shown.current = selected
      return
    }
    if (of.kind === 'group') return latest.current.folding.reveal(selected)
    const isFirst = shown.current === undefined
    shown.current = selected
    view.setState({ cursor: of.id, chosen: of.id })
    if (own.current !== selected) latest.current.camera.show(unit!, !isFirst)
    own.current = undefined
  }, [drawing, selected, view, own])
}

/** A gate gone to from elsewhere is brought into view. */
function useGateFromOutside(drawing: Drawing | undefined, camera: Camera): void {
  const { view } = useGraph()
  const { at } = usePlace()
  const latest = useRef(camera)
  latest.current = camera
  useEffect(() => {
    const unit = drawing?.scene.units.findIndex(({ kind, id }) => kind === 'gate' && id === at) ?? -1
    if (unit < 0 || view.getState().chosen === at) return
    view.setState({ cursor: at, chosen: at })
    latest.current.show(unit, true)
  }, [drawing, at, view])
}

function isRole(unit: Unit | undefined): boolean {
  return unit?.kind === 'role'
}

function clearTask(view: GraphViewStore): void {
  if (view.getState().chosen?.startsWith('task:')) view.setState({ chosen: undefined })
}

/** After another layout the cursor is at what now shows what it was at. */
function useKeptCursor(
  drawing: Drawing | undefined,
  camera: Camera,
  selected: number | undefined,
  awaited: { current: { readonly id: string; readonly focus: boolean } | undefined },
): void {
  const { view } = useGraph()
  const before = useRef<Scene | undefined>(undefined)
  const show = useRef(camera.show)
  show.current = camera.show
  const keep = useCallback(() => {
    if (drawing === undefined || before.current === drawing.scene) return
    const { scene } = drawing
    const old = before.current?.units.find(({ id }) => id === view.getState().cursor)
    before.current = scene
    const wanted = scene.units.findIndex(({ id }) => id === awaited.current?.id)
    if (wanted >= 0) {
      const { focus } = awaited.current!
      awaited.current = undefined
      view.setState({ cursor: scene.units[wanted]!.id })
      show.current(wanted, true)
      if (focus) focusCard(scene.units[wanted]!.id)
      return
    }
    if (old !== undefined && scene.units.some(({ id }) => id === old.id)) return
    const task = old?.kind === 'task' ? old.task : old?.kind === 'group' ? old.tasks[0] : selected
    const unit = scene.units[scene.unitOfTask[task ?? -1] ?? 0] ?? scene.units[0]
    // A card that had the focus and is gone leaves it to the one that stands for it.
    const hadFocus = old !== undefined && isRole(old) === isRole(unit) && isFocusFree()
    view.setState({ cursor: unit?.id })
    if (hadFocus) focusCard(unit?.id)
  }, [drawing, selected, view, awaited])
  useEffect(keep, [keep])
}

/** Frames to wait for a card to be drawn. */
const TRIES = 30

/** At once where it is drawn, else as soon as it is, unless the focus is taken elsewhere meanwhile. */
function focusCard(id: string | undefined, tries = TRIES): void {
  if (id === undefined || tries === 0) return
  const card = document.querySelector<HTMLElement>(`[data-unit="${CSS.escape(id)}"]`)
  if (card !== null) card.focus({ preventScroll: true })
  else if (isFocusFree()) requestAnimationFrame(() => focusCard(id, tries - 1))
}

/** Is the focus nowhere, or on a card? */
function isFocusFree(): boolean {
  const at = document.activeElement
  return at === null || at === document.body || at.matches('[data-unit]')
}
