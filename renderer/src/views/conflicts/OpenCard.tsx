import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Conflict } from '../../../../main/domain/conflicts/conflict.ts'
import { escalatesAt, policiesOf } from '../../../../main/domain/conflicts/escalation.ts'
import { isForAgents, policyOf } from '../../../../main/domain/conflicts/matrix.ts'
import { isLive } from '../../../../main/domain/conflicts/parties.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { State } from '../../../../main/domain/state.ts'
import { shortName } from '../../state/agents.ts'
import { useNow } from '../../state/clock.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { Segments } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import css from './Conflicts.module.css'
import { firstKeep, keepers, type Option, optionsOf, sidesOf } from './cards.ts'
import { Files } from './Files.tsx'
import { SideView } from './SideView.tsx'
import { saidOf, WayButton } from './ways.tsx'
import { words } from './words.ts'

interface Props {
  readonly state: State
  readonly project: ProjectId
  readonly conflict: Conflict
  /** It is what the address means. */
  readonly chosen: boolean
}

/** A conflict nobody has settled: what it is about, both sides with what they did, and the ways out. */
export function OpenCard({ state, project, conflict, chosen }: Props): ReactNode {
  const w = useWords(words)
  const ref = useRef<HTMLElement>(null)
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const { id, cause, kind, text } = conflict
  return (
    <article
      ref={ref}
      className={css['card']}
      data-chosen={chosen}
      data-foreseen={cause === 'predicted'}
      aria-label={w.card(id)}
    >
      <header>
        <Glyph mark="conflict" size={18} />
        <div className={css['what']}>
          <h3>
            <Files files={conflict.files} />
          </h3>
          <p className="muted">
            {id} · {w.causes[cause]}
            {w.kinds[kind] !== w.causes[cause] && ` · ${w.kinds[kind]}`} · <Since from={conflict.since} />
          </p>
        </div>
        <Level state={state} conflict={conflict} />
      </header>
      <p className={css['text']}>{text}</p>
      {cause === 'predicted' && <p className="muted">{w.foreseenHint}</p>}
      <div className={css['sides']} data-count={conflict.parties.length}>
        {sidesOf(conflict).map((side, i) => (
          <SideView
            key={side.holder}
            state={state}
            project={project}
            side={side}
            better={i === 0 && conflict.parties.length > 1}
          />
        ))}
      </div>
      <Ways state={state} project={project} conflict={conflict} />
    </article>
  )
}

function Since({ from }: { readonly from: number }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  return w.since(formatDuration(Math.max(1_000, Math.floor((now - from) / 1_000) * 1_000)))
}

/** Whose it is now, and when it goes to the next one. */
function Level({ state, conflict }: { readonly state: State; readonly conflict: Conflict }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const policy = policyOf(conflict.kind, policiesOf(state, conflict.parties))
  const who = isForAgents(policy, conflict.level) ? w.agentsDecide : policy.authorities[conflict.level - 1]!
  const at = escalatesAt(state, conflict)
  const next = conflict.level === 3 ? undefined : policy.authorities[conflict.level]
  const left = at === undefined ? 0 : Math.max(0, Math.ceil((at - now) / 1_000) * 1_000)
  return (
    <p className={css['level']} data-level={conflict.level}>
      <b>{w.level(conflict.level, who)}</b>
      {at !== undefined && next !== undefined && (
        <span className="muted">
          {left === 0 ? w.escalatesNow(next) : w.escalates(next, formatDuration(left))}
        </span>
      )}
      {conflict.level === 3 && <span className="muted">{w.staysHere}</span>}
    </p>
  )
}

/** The ways out, each with what it does; the recommended one first, with its reasons. */
function Ways({ state, project, conflict }: Omit<Props, 'chosen'>): ReactNode {
  const w = useWords(words)
  const choices = keepers(conflict, (holder) => isLive(state, holder, project))
  const [chosen, setChosen] = useState<string | undefined>()
  const keep = chosen !== undefined && choices.includes(chosen) ? chosen : firstKeep(conflict)
  return (
    <div className={css['ways']}>
      <div className={css['head']}>
        <h4>{w.whatToDo}</h4>
        {choices.length > 1 && (
          <span className={css['first']}>
            {w.whoGoesOn}
            <Segments
              label={w.whoGoesOn}
              value={keep}
              onChange={setChosen}
              options={choices.map((id) => ({ id, label: shortName(id) }))}
            />
          </span>
        )}
      </div>
      <ul>
        {optionsOf(conflict, keep).map((option) => (
          <Way key={option.action} state={state} project={project} conflict={conflict} option={option} />
        ))}
      </ul>
    </div>
  )
}

function Way({
  state,
  project,
  conflict,
  option,
}: Omit<Props, 'chosen'> & { readonly option: Option }): ReactNode {
  const w = useWords(words)
  const said = saidOf(w, conflict, option)
  const { reasons } = conflict.recommendation
  return (
    <li data-recommended={option.recommended}>
      <WayButton state={state} project={project} conflict={conflict} option={option} said={said} />
      <p>
        {option.recommended && <span className={css['advised']}>{w.recommended}</span>}
        {said.text}
        {option.recommended && reasons.length > 0 && (
          <span className="muted"> {sentence(w.because(reasons.join('; ')))}</span>
        )}
      </p>
    </li>
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
