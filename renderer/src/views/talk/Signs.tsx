import { CircleQuestionMark, CornerDownRight, Megaphone, MessageSquareText } from 'lucide-react'
import type { ReactNode } from 'react'
import type { MessagePriority, MessageType } from '../../../../main/domain/talk/message.ts'
import { useWords } from '../../words/language.ts'
import css from './Message.module.css'
import { words } from './words.ts'

const ICONS = {
  REQUEST: CircleQuestionMark,
  RESPONSE: CornerDownRight,
  UPDATE: MessageSquareText,
  ALERT: Megaphone,
} as const

/** What kind of message it is: a shape and a word. */
export function TypeSign({ type }: { readonly type: MessageType }): ReactNode {
  const w = useWords(words)
  const Icon = ICONS[type]
  return (
    <span className={css['type']} data-type={type}>
      <Icon size={13} aria-hidden />
      {w.types[type]}
    </span>
  )
}

/** How urgent it is: as many bars as it has weight, and a word. What is usual says nothing. */
export function PrioritySign({ priority }: { readonly priority: MessagePriority }): ReactNode {
  const w = useWords(words)
  if (priority === 2) return null
  return (
    <span className={css['priority']} data-priority={priority}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden>
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={1 + bar * 4}
            y={8 - bar * 3}
            width="2.5"
            height={3 + bar * 3}
            rx="0.8"
            opacity={bar <= 3 - priority ? 1 : 0.25}
          />
        ))}
      </svg>
      P{priority} {w.priorities[priority]}
    </span>
  )
}
