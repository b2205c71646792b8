import { type ReactNode, useState } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { bytesKept } from '../../../../main/domain/points/keeping.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { usePlace } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { OfProject, type OfProjectProps, ProjectChoice } from '../projects/OfProject.tsx'
import { History } from './History.tsx'
import css from './Releases.module.css'
import { TargetCard } from './TargetCard.tsx'
import { chosenIn, timelineOf } from './timeline.ts'
import { useTargetActions } from './usePointActions.ts'
import { words } from './words.ts'

/** What is released where, and every state that can be gone back to. */
export function Releases(): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const chosen = chosenIn(at)
  const wanted = chosen?.kind === 'point' ? chosen.point : chosen?.from
  const has = ({ points, targets }: ProjectRecord): boolean =>
    wanted === undefined
      ? points.length > 0 || Object.keys(targets).length > 0
      : points.some(({ id }) => id === wanted)
  return <OfProject View={ReleasesOf} has={has} insists={wanted !== undefined} text={w.noProjectText} />
}

const ALL = ''
const REPOSITORY = '/'

function ReleasesOf({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  const [which, setWhich] = useState(ALL)
  const targets = Object.values(project.targets)
  const hasOwn = project.points.some(({ target }) => target === null)
  const target = which === ALL ? undefined : which === REPOSITORY ? null : which
  const shown = targets.filter(({ spec }) => target === undefined || spec.name === target)
  const repository = useTargetActions(project, null)
  if (targets.length === 0 && project.points.length === 0 && state.projects.size < 2)
    return <Empty title={w.nothing}>{w.nothingText}</Empty>
  const options = [
    { id: ALL, label: w.all },
    ...targets.map(({ spec }) => ({ id: spec.name, label: spec.title })),
    ...(hasOwn ? [{ id: REPOSITORY, label: w.repository }] : []),
  ]
  const points = project.points.filter((point) => target === undefined || point.target === target)
  return (
    <div className={css['releases']}>
      <Toolbar label={w.tools}>
        {options.length > 2 && (
          <Segments label={w.which} value={which} onChange={setWhich} options={options} />
        )}
        <span className="muted">{w.kept(points.length, formatBytes(bytesKept(points)))}</span>
        <Space />
        {which === REPOSITORY && (
          <>
            <Button unavailable={repository.rollBack.unavailable} onClick={repository.rollBack.perform}>
              {repository.rollBack.label}
            </Button>
            <Button unavailable={repository.makePoint.unavailable} onClick={repository.makePoint.perform}>
              {repository.makePoint.label}
            </Button>
          </>
        )}
        <ProjectChoice state={state} project={project} onProject={onProject} />
      </Toolbar>
      {targets.length === 0 && project.points.length === 0 ? (
        <Empty title={w.nothing}>{w.nothingText}</Empty>
      ) : (
        <>
          {shown.length > 0 && (
            <div className={css['targets']}>
              {shown.map((record) => (
                <TargetCard key={record.spec.name} project={project} record={record} />
              ))}
            </div>
          )}
          <div className={css['history']}>
            <History entries={timelineOf(project, target)} />
          </div>
        </>
      )}
    </div>
  )
}
