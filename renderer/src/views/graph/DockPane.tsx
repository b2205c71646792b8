import { lazy, type ReactNode, type RefObject, Suspense } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { preferences, setPreference, usePreference } from '../../state/preferences.ts'
import { Loading } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './DockPane.module.css'
import { words } from './words.ts'

const Dock = lazy(async () => ({ default: (await import('../agents/Dock.tsx')).Dock }))

const LEAST = 120
const STEP = 24
/** The graph keeps this much of the height, px. */
const GRAPH = 360
const USUAL = 300

let lastOpen = USUAL

/** Zero is closed. */
export function toggleDock(): void {
  const { dock } = preferences.getState()
  if (dock > 0) lastOpen = dock
  setPreference('dock', dock > 0 ? 0 : lastOpen)
}

/** The terminals below the graph, with an edge to pull. */
export function DockPane({
  run,
  within,
}: {
  readonly run: Run
  readonly within: RefObject<HTMLElement | null>
}): ReactNode {
  const w = useWords(words)
  const dock = usePreference('dock')
  if (dock === 0) return null
  const most = (): number => Math.max(LEAST, (within.current?.clientHeight ?? 800) - GRAPH)
  const resize = (height: number): void =>
    setPreference('dock', Math.round(Math.min(most(), Math.max(LEAST, height))))
  return (
    <div className={css['pane']} style={{ height: `min(${dock}px, max(${LEAST}px, 100% - ${GRAPH}px))` }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no hr */}
      <div
        className={css['edge']}
        role="separator"
        aria-orientation="horizontal"
        aria-label={w.resize}
        aria-valuenow={dock}
        aria-valuemin={LEAST}
        aria-valuemax={Math.max(dock, most())}
        tabIndex={0}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? STEP : event.key === 'ArrowDown' ? -STEP : 0
          if (event.key === 'Home') resize(LEAST)
          else if (event.key === 'End') resize(most())
          else if (step !== 0) resize(Math.min(dock, most()) + step)
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
        onDoubleClick={() => resize(USUAL)}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const box = within.current?.getBoundingClientRect()
          if (event.buttons > 0 && box !== undefined) resize(box.bottom - event.clientY)
        }}
      />
      <div className={css['content']}>
        <Suspense fallback={<Loading />}>
          <Dock run={run} />
        </Suspense>
      </div>
    </div>
  )
}
