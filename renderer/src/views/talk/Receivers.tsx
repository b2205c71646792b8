import { Check, CheckCheck, Clock, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import type { Message } from '../../../../main/domain/talk/message.ts'
import { useWords } from '../../words/language.ts'
import { type Fate, fatesOf } from './fates.ts'
import css from './Message.module.css'
import { words } from './words.ts'

const ICONS = { waiting: Clock, delivered: Check, handled: CheckCheck, returned: Undo2 } as const

/** More receivers than this are counted, and named when asked for. */
const NAMED = 3

/** Whom it went to and what each made of it. */
export function Receivers({ run, message }: { readonly run: Run; readonly message: Message }): ReactNode {
  const w = useWords(words)
  const fates = fatesOf(message)
  if (fates.length === 0) return <p className={css['fates']}>{w.toNobody}</p>
  const line = (one: (typeof fates)[number]): ReactNode => (
    <FateSign key={one.task ?? 'person'} fate={one.fate}>
      {one.task === null ? w.person : run.plan.tasks[one.task]!.id}
    </FateSign>
  )
  if (fates.length <= NAMED) return <p className={css['fates']}>{fates.map(line)}</p>
  const counts = (['handled', 'delivered', 'waiting', 'returned'] as const).flatMap((fate) => {
    const count = fates.filter((one) => one.fate === fate).length
    return count === 0 ? [] : [{ fate, count }]
  })
  return (
    <details className={css['more']}>
      <summary>
        <span className={css['fates']}>
          {w.receivers(fates.length)}
          {counts.map(({ fate, count }) => (
            <FateSign key={fate} fate={fate}>
              {count}
            </FateSign>
          ))}
        </span>
      </summary>
      <p className={css['fates']}>{fates.map(line)}</p>
    </details>
  )
}

function FateSign({ fate, children }: { readonly fate: Fate; readonly children: ReactNode }): ReactNode {
  const w = useWords(words)
  const Icon = ICONS[fate]
  return (
    <span className={css['fate']} data-fate={fate}>
      <Icon size={12} aria-hidden />
      {children} {w.fates[fate]}
    </span>
  )
}
