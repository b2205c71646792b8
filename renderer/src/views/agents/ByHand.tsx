import { CircleStop, Hand } from 'lucide-react'
import type { ReactNode } from 'react'
import { isOver, leaseEnd, type Registered } from '../../../../main/domain/registered/registered.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { markOfHand } from '../../state/agents.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { IconButton } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './ByHand.module.css'
import { agentsByHand, firstLockOf, placeInLine } from './byHand.ts'
import { handWords } from './handWords.ts'

/** Agents of a project that somebody started by hand; nothing where there are none. */
export function ByHand({ project: id }: { readonly project: ProjectRecord['id'] }): ReactNode {
  const w = useWords(handWords)
  const state = useCalm(useEngineState())
  const now = useNow()
  const project = state?.projects.get(id)
  if (state === undefined || project === undefined) return null
  const agents = agentsByHand(project, now)
  if (agents.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <section className={css['hand']} aria-label={w.title} tabIndex={0}>
      <h3>
        <Hand size={12} aria-hidden /> {w.title} <span>{agents.length}</span>
      </h3>
      <ul>
        {agents.map((agent) => (
          <Line key={agent.id} state={state} project={project} agent={agent} />
        ))}
      </ul>
    </section>
  )
}

interface LineProps {
  readonly state: State
  readonly project: ProjectRecord
  readonly agent: Registered
}

function Line({ state, project, agent }: LineProps): ReactNode {
  const w = useWords(handWords)
  const at = firstLockOf(agent)
  return (
    <li className={css['line']}>
      <Glyph mark={markOfHand(agent)} size={14} />
      <button
        type="button"
        className={css['text']}
        title={agent.folder}
        disabled={at === undefined || isOver(agent)}
        onClick={() => navigate({ view: 'locks', at })}
      >
        <span className={css['name']}>
          <b>{agent.id}</b> {agent.name}
        </span>
        <span className={css['second']}>
          <Says project={project} agent={agent} />
        </span>
      </button>
      {!isOver(agent) && <Stop state={state} project={project} agent={agent} label={w.stop(agent.id)} />}
    </li>
  )
}

/** Its state, and what it holds or waits for. */
function Says({ project, agent }: Omit<LineProps, 'state'>): ReactNode {
  const w = useWords(handWords)
  const now = useNow()
  const line = placeInLine(project.locks, agent)
  if (line !== null) return w.waits(line.what, line.behind)
  const what = [...agent.files, ...agent.uses].join(', ')
  const end = leaseEnd(agent)
  const quiet = now - agent.activeAt
  const said = what === '' ? w.states[agent.state] : `${w.states[agent.state]} · ${what}`
  // Only when it is worth a thought: half of its lease is over.
  if (end === null || quiet < (end - agent.activeAt) / 2) return said
  return `${said} · ${w.quiet(Math.floor(quiet / 60_000))}`
}

function Stop({ state, project, agent, label }: LineProps & { readonly label: string }): ReactNode {
  const w = useWords(handWords)
  const dispatch = useDispatch()
  const connected = useLive((live) => live.connection.status === 'connected')
  const command = { type: 'registered.stop', project: project.id, agent: agent.id, force: false } as const
  const stop = async (): Promise<void> => {
    const yes = await confirm({
      title: w.stopQuestion(agent.id),
      text: w.stopText,
      confirm: w.stop(agent.id),
      danger: true,
    })
    if (yes) await dispatch(command)
  }
  return (
    <IconButton
      label={label}
      unavailable={connected ? projectRefusal(state, command, w.already) : w.notConnected}
      onClick={() => void stop()}
    >
      <CircleStop size={15} aria-hidden />
    </IconButton>
  )
}
