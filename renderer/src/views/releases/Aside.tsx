import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { TargetSight } from '../../../../preload/contract.ts'
import { useNow } from '../../state/clock.ts'
import { newRunId } from '../../state/runIds.ts'
import { Button } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { useWords } from '../../words/language.ts'
import css from './TargetCard.module.css'
import { takeDownWords } from './takeDownWords.ts'
import { useSend } from './usePointActions.ts'

type One = NonNullable<TargetSight['aside']>[number]

/** Databases that rollbacks have put aside: what each takes up, what needs it, and the way to be rid of it. */
export function Aside({
  project,
  target,
  aside,
}: {
  readonly project: ProjectRecord
  readonly target: string
  readonly aside: TargetSight['aside']
}): ReactNode {
  const w = useWords(takeDownWords)
  if (aside === undefined || aside?.length === 0) return null
  return (
    <>
      <dt>{w.aside}</dt>
      <dd>
        {aside === null ? (
          <span className="muted">{w.asideNot}</span>
        ) : (
          <ul className={css['aside']}>
            {aside.map((one) => (
              <li key={one.name}>
                <Described one={one} />
                <Drop project={project} target={target} one={one} />
              </li>
            ))}
          </ul>
        )}
      </dd>
    </>
  )
}

function Described({ one: { name, bytes, at, completes, outdated } }: { readonly one: One }): ReactNode {
  const w = useWords(takeDownWords)
  const now = useNow()
  const about = [
    formatBytes(bytes),
    at === null ? '' : w.asideAt(formatDuration(Math.max(1_000, Math.floor((now - at) / 1_000) * 1_000))),
    completes === null ? (outdated ? w.outdated : '') : w.completes(completes),
  ]
  return (
    <span>
      <code>{name}</code> <span className="muted">{about.filter(Boolean).join(', ')}</span>
    </span>
  )
}

function Drop({
  project,
  target,
  one: { name, bytes, completes },
}: {
  readonly project: ProjectRecord
  readonly target: string
  readonly one: One
}): ReactNode {
  const w = useWords(takeDownWords)
  const { why, send } = useSend()
  const command = (run: RunId): ClientCommand => ({
    type: 'point.drop-aside',
    project: project.id,
    run,
    target,
    names: [name],
    // The question says what it means.
    anyway: completes !== null,
  })
  const ask = async (): Promise<void> => {
    const needed = completes === null ? '' : ` ${w.dropNeeded(completes)}`
    const text = `${w.dropText(formatBytes(bytes))}${needed}`
    const question = { title: w.dropQuestion(name), text, confirm: w.dropIt, danger: true }
    if (await confirm(question)) await send(command(newRunId()), w.dropped(name))
  }
  return (
    <Button
      aria-label={w.dropOf(name)}
      unavailable={why(command('trial' as RunId))}
      onClick={() => void ask()}
    >
      {w.drop}
    </Button>
  )
}
