import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useSession } from '../../state/session.tsx'
import css from './Edges.module.css'
import { useGraph } from './graphView.ts'
import {
  type Lighting,
  type LitLine,
  lineFinder,
  MOST_LIT,
  nextStep,
  type Picture,
  STEP_MS,
  waysOf,
} from './lit.ts'

const NONE: Lighting = new Map()

/** For a moment, the lines along which a message or a hand-off goes. */
export function Lit({ scene, layout, width, heights }: Picture): ReactNode {
  const { live } = useSession()
  const { looks } = useGraph()
  const find = useMemo(() => lineFinder({ scene, layout, width, heights }), [scene, layout, width, heights])
  const [lit, setLit] = useState(NONE)
  useEffect(() => {
    let now = NONE
    let fresh: LitLine[] = []
    // Stands still while nothing is lit.
    let timer: ReturnType<typeof setTimeout> | undefined
    const step = (): void => {
      now = nextStep(now, fresh)
      fresh = []
      setLit(now)
      timer = now.size === 0 ? undefined : setTimeout(step, STEP_MS)
    }
    const stop = live.onEvents((events) => {
      if (document.hidden) return
      const { run } = looks
      for (const event of events) {
        if (event.run !== run.id || fresh.length >= MOST_LIT) continue
        for (const [from, to] of waysOf(event.data, run)) {
          const line = find(from, to)
          if (line !== undefined) fresh.push(line)
        }
      }
      if (fresh.length > 0 && timer === undefined) step()
    })
    return () => {
      stop()
      clearTimeout(timer)
      setLit(NONE)
    }
  }, [live, looks, find])
  return (
    <g data-lit={lit.size}>
      {[...lit].map(([key, { line, step }]) => (
        <path key={key} className={css['lit']} data-step={step} d={line} />
      ))}
    </g>
  )
}
