import { ChevronDown, ChevronRight } from 'lucide-react'
import type { CSSProperties, ReactNode } from 'react'
import { useWords } from '../../words/language.ts'
import css from './Lanes.module.css'
import type { Layout } from './layout.ts'
import type { Scene } from './scene.ts'
import { words } from './words.ts'

/** The lanes behind the cards, with heads that fold them. `onToggle` undefined: these lanes do not fold. */
export function Lanes({
  scene,
  layout,
  head,
  onToggle,
}: {
  readonly scene: Scene
  readonly layout: Layout
  /** Height of the heads, px. */
  readonly head: number
  readonly onToggle: ((lane: number) => void) | undefined
}): ReactNode {
  return layout.lanes.map((box, lane) => {
    const of = scene.lanes[lane]!
    return (
      <div
        // biome-ignore lint/suspicious/noArrayIndexKey: lanes are known by their place
        key={lane}
        className={css['lane']}
        data-plain={of.title === ''}
        style={{ left: box.x, width: box.width, height: box.height, '--head': `${head}px` } as CSSProperties}
      >
        {of.title !== '' && <Head scene={scene} lane={lane} onToggle={onToggle} />}
      </div>
    )
  })
}

function Head({
  scene,
  lane,
  onToggle,
}: {
  readonly scene: Scene
  readonly lane: number
  readonly onToggle: ((lane: number) => void) | undefined
}): ReactNode {
  const w = useWords(words)
  const { title, folded, count } = scene.lanes[lane]!
  const name = onToggle === undefined ? title : `${lane + 1} ${title}`
  if (onToggle === undefined || count === 0) {
    return (
      <div className={css['head']}>
        <span className={css['name']}>{name}</span>
        <span className={css['count']}>{count}</span>
      </div>
    )
  }
  return (
    <button
      type="button"
      className={`${css['head']} nopan`}
      aria-expanded={!folded}
      aria-label={folded ? w.unfold(name) : w.fold(name)}
      title={`${folded ? w.unfold(name) : w.fold(name)}  F`}
      onClick={(event) => {
        event.stopPropagation()
        // The second click of a double one would take back the first.
        if (event.detail < 2) onToggle(lane)
      }}
    >
      <span className={css['name']}>{name}</span>
      <span className={css['count']}>{count}</span>
      {folded ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
    </button>
  )
}
