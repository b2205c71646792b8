import type { NodeProps } from '@xyflow/react'
import type { ReactNode } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { lockWords } from '../../../../main/domain/locks/lock.ts'
import type { Registered } from '../../../../main/domain/registered/registered.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import {
  type Agent,
  findAgent,
  findByHand,
  markOfAgent,
  markOfHand,
  roleOfAgent,
  shortName,
} from '../../state/agents.ts'
import { usePlace } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { Since } from './LockLine.tsx'
import css from './Waits.module.css'
import type { WaitingAgent, Waits } from './waits.ts'
import { brief, labelOf } from './waitWords.ts'
import { words } from './words.ts'

/** Agents whose wait is drawn, as an agent's card; it renders when that changes. */
export function AgentCard({ data }: NodeProps): ReactNode {
  const { waits, project, number, stop } = data as unknown as {
    readonly waits: Waits
    readonly project: ProjectId
    readonly number: number
    readonly stop: boolean
  }
  const w = useWords(words)
  const { task, run } = usePlace()
  const me = waits.agents[number]!
  const { holder, holds, since } = me
  const state = useEngineState()
  const agent = findAgent(state, holder)
  const byHand = findByHand(state, project, holder)
  const name = shortName(holder)
  const role = agent === undefined ? byHand?.name : roleOfAgent(agent)
  const selected =
    agent !== undefined &&
    task === agent.run.plan.tasks[agent.index]!.id &&
    (run ?? agent.run.id) === agent.run.id
  return (
    <button
      type="button"
      className={css['card']}
      tabIndex={stop ? 0 : -1}
      aria-pressed={selected}
      aria-label={`${name}, ${waitOf(w, waits, number, me)}`}
      title={holds.length === 0 ? w.holdsNothing : w.holds(holds.map(lockWords).join(', '))}
      data-agent={holder}
      data-waits={since !== null}
    >
      <Glyph mark={markOf(agent, byHand)} />
      <span className={css['text']}>
        <span className={css['name']}>
          <b>{name}</b>
        </span>
        <span className={css['line']}>
          <span>{holds.length === 0 ? role : w.holds(brief(w, holds))}</span>
          {since !== null && <Since from={since} />}
        </span>
      </span>
    </button>
  )
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function waitOf(w: Words, { edges }: Waits, number: number, { since, holds, wants }: WaitingAgent): string {
  if (since === null) return holds.length === 0 ? w.holdsNothing : w.holds(brief(w, holds))
  if (wants.length > 0) return w.waitsFor(brief(w, wants))
  const other = edges.find((edge) => edge.to === number && 'wait' in edge)
  return w.waitsFor(other === undefined ? '' : labelOf(w, other))
}

function markOf(agent: Agent | undefined, byHand: Registered | undefined): Mark {
  if (agent !== undefined) return markOfAgent(agent)
  return byHand === undefined ? 'waiting' : markOfHand(byHand)
}
