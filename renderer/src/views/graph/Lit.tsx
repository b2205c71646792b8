import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useSession } from '../../state/session.tsx'
import css from './Edges.module.css'
import { useGraph } from './graphView.ts'
import { LIT_MS, type LitLine, lineFinder, MOST_LIT, type Picture, waysOf } from './lit.ts'

/** For a moment, the lines along which a message or a hand-off goes. */
export function Lit({ scene, layout, width, heights }: Picture): ReactNode {
  const { live } = useSession()
  const { looks } = useGraph()
  const find = useMemo(() => lineFinder({ scene, layout, width, heights }), [scene, layout, width, heights])
  const [lit, setLit] = useState<readonly LitLine[]>([])
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>()
    const on = new Map<string, LitLine>()
    const show = (): void => setLit([...on.values()])
    const stop = live.onEvents((events) => {
      if (document.hidden) return
      const { run } = looks
      const fresh: string[] = []
      for (const event of events) {
        if (event.run !== run.id) continue
        for (const [from, to] of waysOf(event.data, run)) {
          const line = on.size < MOST_LIT ? find(from, to) : undefined
          if (line === undefined || on.has(line.key)) continue
          on.set(line.key, line)
          fresh.push(line.key)
        }
      }
      if (fresh.length === 0) return
      show()
      const timer = setTimeout(() => {
        timers.delete(timer)
        for (const key of fresh) on.delete(key)
        show()
      }, LIT_MS)
      timers.add(timer)
    })
    return () => {
      stop()
      for (const timer of timers) clearTimeout(timer)
      setLit([])
    }
  }, [live, looks, find])
  return (
    <g data-lit={lit.length}>
      {lit.map(({ key, line }) => (
        <path key={key} className={css['lit']} d={line} />
      ))}
    </g>
  )
}
