import type { ReactNode } from 'react'
import { attemptId } from '../../../main/domain/ids.ts'
import type { Lock } from '../../../main/domain/locks/lock.ts'
import type { Run } from '../../../main/domain/state.ts'
import { useTaskActions } from '../actions/taskActions.ts'
import { shortName } from '../state/agents.ts'
import { navigate } from '../state/place.ts'
import { useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Section } from '../ui/Panel.tsx'
import { blockersOf, keyOf, locksOf } from '../views/locks/entries.ts'
import { words } from '../views/locks/words.ts'
import { useWords } from '../words/language.ts'
import css from './LockFacts.module.css'

/** What a task's agent holds and waits for, each leading to its place in the map; nothing where it has no locks. */
export function LockFacts({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const w = useWords(words)
  const table = useLive((live) => live.state?.projects.get(run.project)?.locks)
  const { current } = run.tasks.get(index)!
  const actions = useTaskActions(run, index)
  if (current === null || table === undefined) return null
  const own = locksOf(table, attemptId(run.id, run.plan.tasks[index]!.id, current.n))
  if (own === undefined) return null
  const { grant, waiter } = own
  const inTheWay = (lock: Lock): ReactNode => {
    if (waiter === undefined) return null
    const blocker = blockersOf(table, waiter).find(({ over }) => over.some(({ wants }) => wants === lock))
    if (blocker === undefined) return null
    const name = shortName(blocker.holder)
    return blocker.holds ? w.inspector.heldBy(name) : w.inspector.lineBehind(name)
  }
  return (
    <Section title={w.inspector.title}>
      {grant !== undefined && <Locks title={w.inspector.holds} locks={grant.locks} />}
      {waiter !== undefined && <Locks title={w.inspector.waits} locks={waiter.locks} more={inTheWay} />}
      {grant !== undefined && actions !== undefined && (
        <div className={css['buttons']}>
          <Button
            look="danger"
            unavailable={actions.releaseLocks.unavailable}
            onClick={actions.releaseLocks.perform}
          >
            {actions.releaseLocks.label}
          </Button>
        </div>
      )}
    </Section>
  )
}

/** More are counted, not named. */
const MOST = 8

function Locks({
  title,
  locks,
  more,
}: {
  readonly title: string
  readonly locks: readonly Lock[]
  readonly more?: (lock: Lock) => ReactNode
}): ReactNode {
  const w = useWords(words)
  return (
    <div className={css['locks']}>
      <h4>{title}</h4>
      <ul>
        {locks.slice(0, MOST).map((lock) => {
          const said = more?.(lock)
          return (
            <li key={`${keyOf(lock)} ${lock.mode}`}>
              <button
                type="button"
                title={`${lock.on}: ${w.inspector.map}`}
                onClick={() => navigate({ view: 'locks', at: keyOf(lock) })}
              >
                <code>{lock.on}</code>
              </button>
              {lock.mode === 'shared' && <span className="muted">{w.mode.shared}</span>}
              {said != null && <span className="muted">{said}</span>}
            </li>
          )
        })}
        {locks.length > MOST && <li className="muted">+ {locks.length - MOST}</li>}
      </ul>
    </div>
  )
}
