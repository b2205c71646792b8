import { type ReactNode, useState } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { HostReading } from '../../../../preload/contract.ts'
import { useNow } from '../../state/clock.ts'
import { useVitals } from '../../state/health.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { Loading } from '../../ui/Notice.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { OfProject, type OfProjectProps, ProjectChoice } from '../projects/OfProject.tsx'
import { AgentFigures, HostFigures, RoleFigures } from './Figures.tsx'
import css from './Health.module.css'
import { Heartbeats } from './Heartbeats.tsx'
import { Needs } from './Needs.tsx'
import { Recovery } from './Recovery.tsx'
import { RestoreTestList } from './RestoreTestList.tsx'
import { ScheduleList } from './ScheduleList.tsx'
import { words } from './words.ts'

/** How the agents of a project and this machine are doing, what was done about it, and what comes next. */
export function Health(): ReactNode {
  const w = useWords(words)
  const has = ({ health, schedules }: ProjectRecord): boolean =>
    Object.keys(health.alarms).length > 0 || Object.keys(schedules.items).length > 0
  return <OfProject View={HealthOf} has={has} text={w.noProjectText} />
}

const MINUTE = 60_000
const SPANS = { '15m': 15 * MINUTE, '1h': 60 * MINUTE, '6h': 360 * MINUTE, '24h': 1_440 * MINUTE } as const
type Span = keyof typeof SPANS

function HealthOf({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  const vitals = useVitals()
  const [span, setSpan] = useState<Span>('1h')
  if (vitals === undefined) return <Loading />
  const of = vitals.projects.find((one) => one.project === project.id)
  const parts = { state, project, vitals, spanMs: SPANS[span] }
  const options = (Object.keys(SPANS) as Span[]).map((id) => ({ id, label: formatDuration(SPANS[id]) }))
  return (
    <div className={css['health']}>
      <Toolbar label={w.tools}>
        <Segments label={w.span} value={span} onChange={setSpan} options={options} />
        <Looked at={vitals.at} />
        <Space />
        <ProjectChoice state={state} project={project} onProject={onProject} />
      </Toolbar>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <div className={css['page']} tabIndex={0}>
        <Needs state={state} project={project} />
        <section>
          <h3>
            {w.agents} {of !== undefined && <small>{w.window(formatDuration(of.windowMs))}</small>}
          </h3>
          <AgentFigures {...parts} />
        </section>
        <section>
          <h3>{w.host}</h3>
          <HostFigures {...parts} />
          <Runners host={vitals.host} />
        </section>
        <div className={css['two']}>
          <section>
            <h3>{w.recovery}</h3>
            <Recovery project={project} />
          </section>
          <section>
            <h3>{w.schedules}</h3>
            <ScheduleList state={state} project={project} />
          </section>
          <RestoreTestList project={project} />
        </div>
        <section>
          <h3>{w.heartbeats}</h3>
          <Heartbeats state={state} project={project} vitals={vitals} />
        </section>
        <RoleFigures vitals={vitals} project={project} />
      </div>
    </div>
  )
}

function Looked({ at }: { readonly at: number | null }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const text =
    at === null ? w.notYet : w.looked(formatDuration(Math.max(1_000, Math.floor((now - at) / 1_000) * 1_000)))
  return <span className="muted">{text}</span>
}

function Runners({ host }: { readonly host: HostReading }): ReactNode {
  const w = useWords(words)
  const known = Object.entries(host.reachable).filter(([kind]) => kind in w.runners)
  return (
    <ul className={css['runners']}>
      {known.map(([kind, answers]) => (
        <li key={kind}>
          <Glyph mark={answers ? 'done' : 'failed'} size={13} />
          {w.runners[kind as keyof typeof w.runners]}: {answers ? w.answers : w.answersNot}
        </li>
      ))}
    </ul>
  )
}
