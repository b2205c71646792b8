import { type ReactNode, useMemo } from 'react'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { Button } from '../../ui/Button.tsx'
import { tell } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import css from './Events.module.css'
import { words } from './words.ts'

/** More is not laid out: a plan of thousands of tasks is one event. */
const SHOWN = 8_000

/** An event as it is stored. */
export function Envelope({ event }: { readonly event: EventEnvelope }): ReactNode {
  const w = useWords(words)
  const text = useMemo(() => JSON.stringify(event, null, 2), [event])
  return (
    <div className={css['envelope']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <pre tabIndex={0}>
        {text.slice(0, SHOWN)}
        {text.length > SHOWN && `\n${w.cut(text.length - SHOWN)}`}
      </pre>
      <Button onClick={() => void navigator.clipboard.writeText(text).then(() => tell(w.copied))}>
        {w.copy}
      </Button>
    </div>
  )
}
