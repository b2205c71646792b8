import { Hand } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { runName } from '../../actions/runActions.ts'
import { findAgent, findByHand, markOfAgent, markOfHand, roleOfAgent, shortName } from '../../state/agents.ts'
import { useEngineState } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './Who.module.css'
import { words } from './words.ts'

/** An agent by its state's glyph, its task and its role; by its bare name where nothing else is known any more. */
export function Who({
  project,
  holder,
  run = false,
}: {
  readonly project: ProjectId
  readonly holder: string
  /** Whether to say of which run. */
  readonly run?: boolean
}): ReactNode {
  const w = useWords(words)
  const state = useEngineState()
  const agent = findAgent(state, holder)
  const byHand = findByHand(state, project, holder)
  if (byHand !== undefined)
    return (
      <span className={css['who']} title={`${byHand.name} · ${byHand.folder}`}>
        <Glyph mark={markOfHand(byHand)} size={14} />
        <b>{byHand.id}</b>
        <span className={css['role']}>
          <Hand size={12} role="img" aria-label={w.byHand} /> {byHand.name}
        </span>
      </span>
    )
  if (agent === undefined)
    return (
      <span className={css['who']} title={w.gone}>
        <b>{shortName(holder)}</b>
      </span>
    )
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
