import type { ReactNode } from 'react'
import { formatBytes } from '../../../main/domain/bytes.ts'
import type { Mark } from '../../../main/domain/status.ts'
import { needsYou } from '../../../main/notices/needs.ts'
import type { EngineHealth, ViewName } from '../../../preload/contract.ts'
import { useCalm } from '../state/calm.ts'
import { useHealth } from '../state/health.ts'
import { navigate } from '../state/place.ts'
import { useSelectedRunId } from '../state/selectedRun.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { Hint } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { useWords } from '../words/language.ts'
import { alarmCount, conflictCount, countAll, openIncidents, whereAsked } from './counts.ts'
import css from './StatusBar.module.css'
import { words } from './words.ts'

/** The line that tells the truth about engine, Docker, disk and the counts. */
export function StatusBar(): ReactNode {
  const w = useWords(words)
  const connection = useLive((live) => live.connection)
  const health = useHealth()
  const known = connection.status === 'connected' ? health : undefined
  return (
    <footer className={css['bar']}>
      <h2 className="visually-hidden">{w.status.label}</h2>
      <EngineLight connection={connection.status} health={known} />
      {known !== undefined && <Runners health={known} />}
      {known !== undefined && <Disk health={known} />}
      {known?.notes.map((note) => (
        <Hint key={note} text={note} side="top">
          <button type="button" className={css['note']}>
            <Glyph mark="needs-you" size={12} /> {note}
          </button>
        </Hint>
      ))}
      <span className={css['space']} />
      <CountLine />
    </footer>
  )
}

function Light({
  tone,
  text,
  more,
}: {
  tone: 'good' | 'warn' | 'bad'
  text: string
  more?: string
}): ReactNode {
  const line = (
    <span className={css['light']}>
      <i data-tone={tone} aria-hidden /> {text}
    </span>
  )
  if (more === undefined || more === '') return line
  return (
    <Hint text={more} side="top">
      <button type="button" className={css['note']} onClick={() => navigate({ view: 'projects' })}>
        {line}
      </button>
    </Hint>
  )
}

function EngineLight({
  connection,
  health,
}: {
  readonly connection: 'connected' | 'connecting' | 'lost'
  readonly health: EngineHealth | undefined
}): ReactNode {
  const { status } = useWords(words)
  if (connection === 'lost') return <Light tone="bad" text={status.engineLost} />
  if (connection === 'connecting' || health === undefined)
    return <Light tone="warn" text={status.connecting} />
  if (health.engine.status === 'stalled') {
    return <Light tone="bad" text={status.stalled} more={`${health.engine.reason} ${health.engine.remedy}`} />
  }
  return <Light tone="good" text={status.engine} />
}

function Runners({ health }: { readonly health: EngineHealth }): ReactNode {
  const { status } = useWords(words)
  const { docker, process } = health.runners
  if (docker?.status === 'ready') return <Light tone="good" text={status.docker(docker.version)} />
  const trouble = docker === undefined ? '' : `${docker.reason} ${docker.remedy}`
  return (
    <>
      <Light tone="warn" text={status.noDocker} more={trouble} />
      {process?.status === 'ready' && <Light tone="warn" text={status.process} />}
    </>
  )
}

/** Below this it is worth a look, bytes. */
const LITTLE = 2 * 1024 ** 3

function Disk({ health }: { readonly health: EngineHealth }): ReactNode {
  const { status } = useWords(words)
  const free = health.diskFreeBytes
  if (free === null) return <Light tone="warn" text={status.diskUnknown} />
  if (free < LITTLE) return <Light tone="bad" text={status.disk(formatBytes(free))} />
  return <span>{status.disk(formatBytes(free))}</span>
}

function CountLine(): ReactNode {
  const w = useWords(words)
  const state = useEngineState()
  const shown = useCalm(state)
  const selected = useSelectedRunId()
  if (shown === undefined) return null
  const counts = countAll(shown)
  const asking = needsYou(shown)
  const clashing = conflictCount(shown)
  const line = (mark: Mark, text: string, always = false): ReactNode =>
    counts[mark] === 0 && !always ? null : (
      <span data-mark={counts[mark] === 0 ? undefined : mark} key={mark}>
        {text}
      </span>
    )
  const leads = (mark: Mark, n: number, text: (n: number) => string, view: ViewName): ReactNode =>
    n === 0 ? null : (
      <button type="button" className={css['leads']} data-mark={mark} onClick={() => navigate({ view })}>
        {text(n)}
      </button>
    )
  return (
    <span className={css['counts']}>
      {line('running', w.status.running(counts.running), true)}
      {line('waiting', w.status.waiting(counts.waiting), true)}
      {leads('blocked', counts.blocked, w.status.blocked, 'locks')}
      {leads('conflict', Math.max(clashing, counts.conflict), w.status.conflict, 'conflicts')}
      {line('failed', w.status.failed(counts.failed))}
      {leads('failed', alarmCount(shown), w.status.alarms, 'health')}
      {leads('failed', openIncidents(shown), w.status.incidents, 'incidents')}
      {asking > 0 && (
        <button type="button" className={css['asking']} onClick={() => navigate(whereAsked(shown, selected))}>
          <Glyph mark="needs-you" size={12} /> {w.needYou(asking)}
        </button>
      )}
    </span>
  )
}
