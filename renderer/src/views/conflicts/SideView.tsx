import { SquareTerminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { liveAttempt, partyInfo } from '../../../../main/domain/conflicts/parties.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { State } from '../../../../main/domain/state.ts'
import { findAgent, shortName } from '../../state/agents.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { IconButton } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { Who } from '../locks/Who.tsx'
import { words as lockWords } from '../locks/words.ts'
import css from './Conflicts.module.css'
import type { Side } from './cards.ts'
import { Patch } from './Patch.tsx'
import { words } from './words.ts'

/** One side: who it is, how urgent, what it did, and what it is for. */
export function SideView({
  state,
  project,
  side,
  better,
}: {
  readonly state: State
  readonly project: ProjectId
  readonly side: Side
  /** The others have to give way to it. */
  readonly better: boolean
}): ReactNode {
  const w = useWords(words)
  const { holder, evidence, vote } = side
  const patches = [...new Set(evidence.flatMap(({ patch }) => (patch === null ? [] : [patch])))]
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out so, and a section of the page it is not
    <div role="group" className={css['side']} aria-label={shortName(holder)}>
      <header>
        <Agent state={state} project={project} holder={holder} />
      </header>
      <p className={css['facts']}>
        <Facts state={state} project={project} holder={holder} />
        {better && <span className={css['tag']}>{w.betterClaim}</span>}
        {vote !== undefined && <span className={css['tag']}>{w.votesFor(w.actions[vote].name)}</span>}
      </p>
      {evidence.length === 0 ? (
        <p className="muted">{w.noEvidence}</p>
      ) : (
        <ul className={css['evidence']}>
          {evidence.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {patches.map((hash) => (
        <Patch key={hash} project={project} hash={hash} who={shortName(holder)} />
      ))}
    </div>
  )
}

interface OfHolder {
  readonly state: State
  readonly project: ProjectId
  readonly holder: string
}

/** Leads to the agent beside the cards, and to its terminal. */
function Agent({ state, project, holder }: OfHolder): ReactNode {
  const w = useWords(words)
  const l = useWords(lockWords)
  const agent = findAgent(state, holder)
  if (agent === undefined) return <Who project={project} holder={holder} />
  const at = { run: agent.run.id, task: agent.run.plan.tasks[agent.index]!.id }
  return (
    <>
      <button
        type="button"
        className={css['agent']}
        aria-label={w.showAgent(shortName(holder))}
        onClick={() => navigate(at)}
      >
        <Who project={project} holder={holder} />
      </button>
      <IconButton label={l.terminal} onClick={() => navigate({ view: 'agents', ...at })}>
        <SquareTerminal size={15} aria-hidden />
      </IconButton>
    </>
  )
}

function Facts({ state, project, holder }: OfHolder): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { live, priority, since } = partyInfo(state, holder, project)
  if (!live) return <span>{w.over}</span>
  const isHeld = liveAttempt(state, holder)?.attempt.state === 'CONFLICT'
  return (
    <>
      <span>{w.priority(priority)}</span>
      <span>{w.forTime(formatDuration(Math.max(1_000, Math.floor((now - since) / 1_000) * 1_000)))}</span>
      {isHeld && <span className={css['held']}>{w.heldStill}</span>}
    </>
  )
}
