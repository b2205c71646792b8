import { memo, type ReactNode } from 'react'
import { MARKS, type Mark } from '../../../../main/domain/status.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Like, useWords } from '../../words/language.ts'
import css from './cards.module.css'
import { useGraph, useGraphView, useLooksVersion } from './graphView.ts'
import { type MarkCounts, type RunLooks, worstMark } from './looks.ts'
import type { GroupBy, Unit } from './scene.ts'
import { words } from './words.ts'

export type Group = Extract<Unit, { kind: 'group' }>

/** Tasks folded into one card: how many of them look how. */
export const GroupCard = memo(function GroupCard({ data }: { readonly data: Group }): ReactNode {
  const w = useWords(words)
  const { looks } = useGraph()
  useLooksVersion()
  const counts = countOf(looks, data.tasks)
  const isStop = useGraphView((view) => view.cursor === data.id)
  const chosen = useGraphView((view) => view.chosen === data.id)
  const only = useGraphView((view) => view.only)
  const found = useGraphView((view) => view.matches?.has(data.id))
  const name = nameOfGroup(w, data.by)
  const mark = worstMark(counts)
  const total = data.tasks.length
  const label = [
    name,
    w.taskCount(total),
    ...MARKS.filter((m) => counts[m] > 0).map((m) => `${counts[m]} ${w.marks[m]}`),
  ]
  return (
    <button
      type="button"
      className={`${css['card']} ${css['group']}`}
      tabIndex={isStop ? 0 : -1}
      aria-expanded={false}
      aria-label={label.join(', ')}
      data-unit={data.id}
      data-mark={mark}
      data-selected={chosen}
      data-found={found === true}
      data-dim={found === false || (only !== undefined && counts[only] === 0)}
    >
      <span className={css['title']}>
        <Glyph mark={mark} progress={counts.done / total} />
        <span className={css['name']}>{name}</span>
      </span>
      <MarkBar counts={counts} total={total} />
      <MarkNumbers counts={counts} />
    </button>
  )
})

function nameOfGroup(w: Like<(typeof words)['en']>, by: GroupBy): string {
  const name =
    by.kind === 'role' ? (by.role ?? w.anyRole) : by.kind === 'depth' ? w.step(by.depth + 1) : w.allTasks
  return by.part === null ? name : `${name} ${w.part(by.part.from, by.part.to)}`
}

export function countOf(looks: RunLooks, tasks: readonly number[]): MarkCounts {
  const counts = Object.fromEntries(MARKS.map((mark) => [mark, 0])) as Record<Mark, number>
  for (const task of tasks) counts[looks.get(task).status.mark] += 1
  return counts
}

/** In the order of how much they want to be seen; done first, as a bar fills. */
const IN_BAR: readonly Mark[] = ['done', 'running', 'needs-you', 'conflict', 'failed', 'blocked']

export function MarkBar({
  counts,
  total,
}: {
  readonly counts: MarkCounts
  readonly total: number
}): ReactNode {
  return (
    <span className={css['bar']}>
      {IN_BAR.filter((mark) => counts[mark] > 0).map((mark) => (
        <span
          key={mark}
          style={{ width: `${(100 * counts[mark]) / total}%`, background: `var(--${mark})` }}
        />
      ))}
    </span>
  )
}

function MarkNumbers({ counts }: { readonly counts: MarkCounts }): ReactNode {
  return (
    <span className={css['counts']}>
      {MARKS.filter((mark) => counts[mark] > 0).map((mark) => (
        <span key={mark}>
          <Glyph mark={mark} size={11} progress={0.6} />
          {counts[mark]}
        </span>
      ))}
    </span>
  )
}
