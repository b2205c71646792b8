import type { ReactNode } from 'react'
import { type Mark, taskStatus } from '../../../../main/domain/status.ts'
import { runName } from '../../actions/runActions.ts'
import { type Agent, findAgent, roleOfAgent, shortName } from '../../state/agents.ts'
import { useEngineState } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import css from './Who.module.css'

/** An agent by its state's glyph, its task and its role; by its bare name where nothing else is known any more. */
export function Who({
  holder,
  run = false,
}: {
  readonly holder: string
  /** Whether to say of which run. */
  readonly run?: boolean
}): ReactNode {
  const agent = findAgent(useEngineState(), holder)
  if (agent === undefined) return <span className={css['who']}>{shortName(holder)}</span>
  const spec = agent.run.plan.tasks[agent.index]!
  const role = roleOfAgent(agent)
  return (
    <span className={css['who']} title={`${spec.title} · ${holder}`}>
      <Glyph mark={markOfAgent(agent)} size={14} />
      <b>{shortName(holder)}</b>
      {role !== null && <span className={css['role']}>{role}</span>}
      {run && <span className={css['role']}>{runName(agent.run)}</span>}
    </span>
  )
}

/** Of the attempt: another one may be at the task by now. */
export function markOfAgent({ run, index, attempt }: Agent): Mark {
  const { current } = run.tasks.get(index)!
  return current !== null && current.n !== attempt ? 'failed' : taskStatus(run, index, 0).mark
}
