import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { parseAttemptId } from '../../../../main/domain/ids.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { AgentVitals, Vitals } from '../../../../preload/contract.ts'
import { shortName } from '../../state/agents.ts'
import { navigate } from '../../state/place.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './Health.module.css'
import { words } from './words.ts'

/** Of its limit: from here on an agent without a sign of life is quiet, then close to being restarted. */
const QUIET = 0.2
const CLOSE = 0.8
/** Signs are looked for every few seconds: less says nothing, ms. */
const JUST_NOW_MS = 5_000

/** Who is at work, and when each gave its last sign of life. */
export function Heartbeats({
  state,
  project,
  vitals,
}: {
  readonly state: State
  readonly project: ProjectRecord
  readonly vitals: Vitals
}): ReactNode {
  const w = useWords(words)
  const own = vitals.agents.filter((agent) => agent.project === project.id)
  if (own.length === 0) return <p className="muted">{w.nobody}</p>
  return (
    <table className={css['table']}>
      <thead>
        <tr>
          <th>{w.columns.agent}</th>
          <th>{w.columns.role}</th>
          <th>{w.columns.sign}</th>
          <th>{w.columns.cores}</th>
          <th>{w.columns.memory}</th>
        </tr>
      </thead>
      <tbody>
        {own.map((agent) => (
          <Row key={agent.attempt} state={state} agent={agent} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ state, agent }: { readonly state: State; readonly agent: AgentVitals }): ReactNode {
  const w = useWords(words)
  const { attempt, role, quietMs, cores, memoryBytes } = agent
  const parts = parseAttemptId(attempt)
  const limit = parts === undefined ? undefined : state.runs.get(parts.run)?.plan.limits.stuckAfterMs
  const share = limit === undefined ? 0 : quietMs / limit
  const look: readonly [Mark, string] =
    share >= CLOSE ? ['needs-you', w.stuck] : share >= QUIET ? ['waiting', w.quiet] : ['running', w.alive]
  const said = quietMs < JUST_NOW_MS ? w.justNow : w.sign(formatDuration(Math.floor(quietMs / 1_000) * 1_000))
  return (
    <tr>
      <td>
        <button
          type="button"
          onClick={() =>
            parts !== undefined &&
            navigate({ view: 'agents', run: parts.run, task: parts.task, at: undefined })
          }
        >
          {shortName(attempt)}
        </button>
      </td>
      <td>{role}</td>
      <td>
        <span className={css['sign']}>
          <Glyph mark={look[0]} size={13} progress={0.3} />
          {look[1]}, {said}
        </span>
      </td>
      <td>{cores === null ? '–' : `${Math.round(cores * 100)} %`}</td>
      <td>{memoryBytes === null ? '–' : formatBytes(memoryBytes)}</td>
    </tr>
  )
}
