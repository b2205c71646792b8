import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import type { ProjectRecord, Run } from '../../../../main/domain/state.ts'
import { useRunActions } from '../../actions/runActions.ts'
import { RunSteps } from '../../rollback/RunSteps.tsx'
import { useRun } from '../../state/history.ts'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { pointText } from './names.ts'
import css from './RemedyRun.module.css'
import { words } from './words.ts'

/** What is done about it, step by step: the run of the remedy, then that of its verification. */
export function RemedyRun({
  project,
  incident,
}: {
  readonly project: ProjectRecord
  readonly incident: Incident
}): ReactNode {
  const w = useWords(words)
  const { remedy, verification, decision } = incident
  if (remedy === null) return null
  const isSame = verification !== null && verification.run === remedy.run
  const point = decision?.point ?? null
  return (
    <>
      {remedy.run === null ? (
        <section aria-label={w.remedyRun.remedy}>
          <h3>{w.remedyRun.remedy}</h3>
          <p>
            {w.remedyRun.byHand}{' '}
            {remedy.endedAt === null ? (
              <span className="muted">{w.remedyRun.byHandText}</span>
            ) : (
              <span className="muted">{remedy.detail}</span>
            )}
          </p>
        </section>
      ) : (
        <Steps
          run={remedy.run}
          title={
            point === null
              ? w.remedyRun.remedy
              : (remedy.endedAt === null ? w.remedyRun.rollback : w.remedyRun.rolledBack)(
                  pointText(project, point),
                )
          }
        />
      )}
      {verification?.run != null && !isSame && <Steps run={verification.run} title={w.remedyRun.verify} />}
    </>
  )
}

function Steps({ run, title }: { readonly run: RunId; readonly title: string }): ReactNode {
  const found = useRun(run)
  if (found.status !== 'ready') return null
  return <StepsOf run={found.value} title={title} />
}

function StepsOf({ run, title }: { readonly run: Run; readonly title: string }): ReactNode {
  const w = useWords(words)
  const actions = useRunActions(run)
  return (
    <section aria-label={title}>
      <header className={css['head']}>
        <h3>{title}</h3>
        {run.endedAt !== null && (
          <span className="muted">{formatDuration(Math.max(0, run.endedAt - run.startedAt))}</span>
        )}
        {run.endedAt === null && actions !== undefined && (
          <Button look="danger" unavailable={actions.stop.unavailable} onClick={actions.stop.perform}>
            {w.stopRun}
          </Button>
        )}
        <Button onClick={() => navigate({ view: 'graph', run: run.id, task: undefined })}>{w.toRun}</Button>
      </header>
      <RunSteps run={run} />
    </section>
  )
}
