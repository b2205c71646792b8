import { Radio, UserRound } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import type { Party } from '../../../../main/domain/talk/message.ts'
import { HouseIcon } from '../../frame/Logo.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Like, useWords } from '../../words/language.ts'
import css from './Message.module.css'
import { words } from './words.ts'

type W = Like<(typeof words)['en']>

/** An agent by its task; the person, the engine. */
export function nameOf(w: W, run: Run, from: Party): string {
  switch (from.kind) {
    case 'task':
      return run.plan.tasks[from.task]!.id
    case 'person':
      return from.name === '' ? w.person : from.name
    case 'engine':
      return w.engine
    case 'outside':
      return from.name
  }
}

export function roleOf(run: Run, task: number): string | null {
  const { current, past } = run.tasks.get(task)!
  return current?.role ?? past.at(-1)?.role ?? run.plan.tasks[task]!.role
}

/** How the agent is now: its state's glyph. People and the engine have a sign of their own. */
export function WhoGlyph({
  run,
  from,
  size = 16,
}: {
  readonly run: Run
  readonly from: Party
  readonly size?: number
}): ReactNode {
  switch (from.kind) {
    case 'task':
      return <Glyph mark={taskStatus(run, from.task, 0).mark} progress={0.7} size={size} />
    case 'person':
      return <UserRound size={size} className={css['human']} aria-hidden />
    case 'engine':
      return (
        <span className={css['sign']} aria-hidden>
          <HouseIcon size={size} />
        </span>
      )
    case 'outside':
      return <Radio size={size} className={css['sign']} aria-hidden />
  }
}

export function Who({ run, from }: { readonly run: Run; readonly from: Party }): ReactNode {
  const w = useWords(words)
  const role = from.kind === 'task' ? roleOf(run, from.task) : null
  return (
    <span className={css['who']}>
      <strong>{nameOf(w, run, from)}</strong>
      {role !== null && <span className="muted">{role}</span>}
    </span>
  )
}
