import { RotateCw } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { EpicView, ProjectView } from '../../../../preload/contract.ts'
import { navigate } from '../../state/place.ts'
import { useBridge, useLive } from '../../state/session.tsx'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { useProgress } from './Checks.tsx'
import css from './Projects.module.css'
import { Spawn } from './Spawn.tsx'
import { useAsked } from './useAsked.ts'
import { words } from './words.ts'

/** One project: what stands in the way, its epics to start, its roles. */
export function ProjectPanel({ path }: { readonly path: string }): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [found, again] = useAsked(connected ? path : null, (at) => bridge.request('project', { path: at }))
  if (found.status === 'failed') return <Trouble error={found.error} onRetry={again} />
  if (found.status !== 'ready') return <Loading what={connected ? w.reading : w.notConnected} />
  return <Panel project={found.value} connected={connected} onAgain={again} />
}

function Panel({
  project,
  connected,
  onAgain,
}: {
  readonly project: ProjectView
  readonly connected: boolean
  readonly onAgain: () => void
}): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const init = async (): Promise<void> => {
    try {
      await bridge.request('init', { path: project.root })
    } catch (error) {
      tellFailure(error)
    }
    onAgain()
  }
  const where =
    project.repository === null
      ? w.noRepository
      : project.repository.branch === null
        ? w.detached
        : w.branch(project.repository.branch)
  return (
    <div className={css['panel']}>
      <header className={css['title']}>
        <h2>{project.name}</h2>
        <span className="muted">
          <code>{project.root}</code> {where}
        </span>
        <IconButton label={w.again} unavailable={connected ? undefined : w.notConnected} onClick={onAgain}>
          <RotateCw size={14} aria-hidden />
        </IconButton>
      </header>
      <Lines mark="failed" title={w.problems} lines={project.problems} />
      {project.file === null && (
        <Empty
          title={w.noFile}
          action={
            <Button
              look="primary"
              unavailable={connected ? undefined : w.notConnected}
              onClick={() => void init()}
            >
              {w.init}
            </Button>
          }
        >
          {w.noFileText}
        </Empty>
      )}
      {project.file !== null && project.problems.length === 0 && (
        <>
          <section>
            <h3>{w.epics}</h3>
            {project.epics.length === 0 && <p className="muted">{w.noEpics}</p>}
            <ul className={css['epics']}>
              {project.epics.map((epic) => (
                <EpicCard key={epic.id} project={project} epic={epic} />
              ))}
            </ul>
          </section>
          <Spawn project={project} />
          <Roles project={project} />
        </>
      )}
      <Lines mark="needs-you" title={w.warnings} lines={project.warnings} />
    </div>
  )
}

function Lines({
  mark,
  title,
  lines,
}: {
  readonly mark: 'failed' | 'needs-you'
  readonly title: string
  readonly lines: readonly string[]
}): ReactNode {
  if (lines.length === 0) return null
  return (
    <section className={css['lines']}>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <Glyph mark={mark} size={14} />
            <pre>{line}</pre>
          </li>
        ))}
      </ul>
    </section>
  )
}

function EpicCard({ project, epic }: { readonly project: ProjectView; readonly epic: EpicView }): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [starting, setStarting] = useState(false)
  const [agents, setAgents] = useState('')
  const connected = useLive((live) => live.connection.status === 'connected')
  const line = useProgress('image', starting)
  const start = async (): Promise<void> => {
    setStarting(true)
    try {
      const maxAgents = Number.parseInt(agents, 10)
      const result = await bridge.request('start', {
        root: project.root,
        epic: epic.id,
        ...(maxAgents > 0 ? { maxAgents } : {}),
      })
      if (result.ok) navigate({ view: 'house', run: result.run, task: undefined })
      else tellFailure({ message: result.problems.join('\n') })
    } catch (error) {
      tellFailure(error)
    } finally {
      setStarting(false)
    }
  }
  return (
    <li className={css['epic']}>
      <div className={css['about']}>
        <p>
          <strong title={epic.title}>{epic.title}</strong> <span className="muted">{epic.id}</span>
        </p>
        <p className="muted">
          {starting ? line || w.starting : `${w.tasks(epic.tasks)} · ${epic.phases.join(' → ')}`}
        </p>
      </div>
      <label className={css['agents']}>
        <input
          inputMode="numeric"
          value={agents}
          placeholder={w.asWritten}
          onChange={(event) => setAgents(event.target.value.replace(/\D/g, '').slice(0, 4))}
        />
        <span className="muted">{w.maxAgents}</span>
      </label>
      <Button
        look="primary"
        aria-label={`${w.start} ${epic.title}`}
        unavailable={starting ? w.starting : connected ? undefined : w.notConnected}
        onClick={() => void start()}
      >
        {w.start}
      </Button>
    </li>
  )
}

function Roles({ project }: { readonly project: ProjectView }): ReactNode {
  const w = useWords(words)
  return (
    <section>
      <h3>{w.roles}</h3>
      <ul className={css['roles']}>
        {project.roles.map((role) => (
          <li key={role.name}>
            <strong>{role.name}</strong>
            <p className="muted">
              {role.title}
              {role.tier !== null && ` · ${w.tier(role.tier)}`}
            </p>
            <p className={css['skills']}>{role.skills.join(', ')}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
