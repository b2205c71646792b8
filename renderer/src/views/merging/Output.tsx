import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AttemptId } from '../../../../main/domain/ids.ts'
import { IconButton } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { Screen } from '../agents/Screen.tsx'
import css from './Merging.module.css'
import { words } from './words.ts'

/** What a check said, while it runs and later. */
export function Output({
  attempt,
  n,
  over,
  onClose,
}: {
  readonly attempt: AttemptId
  readonly n: number
  readonly over: boolean
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  return (
    <section className={css['output']} aria-label={w.outputOf(n)} data-pane={attempt}>
      <header>
        <b>{w.check(n)}</b>
        <IconButton label={w.close} onClick={onClose} data-leave>
          <X size={14} aria-hidden />
        </IconButton>
      </header>
      <Screen
        paneKey={attempt}
        attempt={attempt}
        name={w.check(n)}
        writable={false}
        over={over}
        plain
        onRefused={() => undefined}
      />
    </section>
  )
}
