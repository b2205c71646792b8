import { memo, type ReactNode } from 'react'
import { isSettled } from '../../../../main/domain/state.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './cards.module.css'
import { countOf, MarkBar } from './GroupCard.tsx'
import { useGraph, useGraphView, useLooksVersion } from './graphView.ts'
import { worstMark } from './looks.ts'
import type { Unit } from './scene.ts'
import { words } from './words.ts'

type Role = Extract<Unit, { kind: 'role' }>

/** One role: how many of it are at work, how many of its tasks wait, what it can do. */
export const RoleCard = memo(function RoleCard({ data }: { readonly data: Role }): ReactNode {
  const w = useWords(words)
  const { looks } = useGraph()
  useLooksVersion()
  const { run } = looks
  const role = run.plan.roles[data.role]!
  const counts = countOf(looks, data.tasks)
  const busy = run.busy[data.role] ?? 0
  const waiting = data.tasks.filter(
    (task) =>
      run.plan.tasks[task]!.phase <= run.phase && !isSettled(looks.get(task).record) && isWaiting(task),
  ).length
  function isWaiting(task: number): boolean {
    return looks.get(task).record.current === null
  }
  const isStop = useGraphView((view) => view.cursor === data.id)
  const chosen = useGraphView((view) => view.chosen === data.id)
  const found = useGraphView((view) => view.matches?.has(data.id))
  const mark = data.tasks.length === 0 ? 'waiting' : worstMark(counts)
  const left = data.tasks.length - counts.done - counts.failed
  const state =
    busy > 0
      ? w.busy(busy, role.capacity)
      : waiting > 0
        ? w.waiting(waiting)
        : data.tasks.length === 0
          ? w.noTask
          : left === 0
            ? w.through
            : w.idle
  const done = data.tasks.length === 0 ? '' : w.doneOf(counts.done, data.tasks.length)
  const also = busy > 0 && waiting > 0 ? w.waiting(waiting) : ''
  return (
    <button
      type="button"
      className={`${css['card']} ${css['role']}`}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={chosen}
      aria-label={[role.name, role.title, state, also, done].filter((part) => part !== '').join(', ')}
      title={[role.title, ...role.skills].join(' · ')}
      data-unit={data.id}
      data-mark={mark}
      data-selected={chosen}
      data-found={found === true}
      data-dim={found === false}
    >
      <span className={css['title']}>
        <Glyph mark={mark} progress={data.tasks.length === 0 ? 0 : counts.done / data.tasks.length} />
        <span className={css['name']}>{role.name}</span>
      </span>
      <span className={css['line']}>{[state, also, done].filter((part) => part !== '').join(' · ')}</span>
      {data.tasks.length > 0 && <MarkBar counts={counts} total={data.tasks.length} />}
      <span className={css['line']}>{role.skills.length > 0 ? role.skills.join(', ') : role.title}</span>
    </button>
  )
})
