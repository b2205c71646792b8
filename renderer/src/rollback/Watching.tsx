import type { ReactNode } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import type { RunId } from '../../../main/domain/ids.ts'
import type { ProjectRecord, Run } from '../../../main/domain/state.ts'
import type { Mark } from '../../../main/domain/status.ts'
import { useRunActions } from '../actions/runActions.ts'
import { NeedsYou } from '../inspector/NeedsYou.tsx'
import { useNow } from '../state/clock.ts'
import { useRun } from '../state/history.ts'
import { navigate } from '../state/place.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Loading } from '../ui/Notice.tsx'
import { useWords } from '../words/language.ts'
import { askRollback, closeRollback, type RollbackAsk } from './asked.ts'
import { savedBy } from './points.ts'
import css from './Rollback.module.css'
import { RunSteps } from './RunSteps.tsx'
import { words } from './words.ts'

interface Props {
  readonly project: ProjectRecord
  readonly ask: RollbackAsk
}

/** A rollback under way: each step as it goes, a way to stop it, and how it ended. */
export function Watching({ project, ask, id }: Props & { readonly id: RunId }): ReactNode {
  const w = useWords(words)
  const found = useRun(id)
  const run = found.status === 'ready' ? found.value : undefined
  return (
    <Dialog
      open
      wide
      onClose={closeRollback}
      title={w.title(ask.target ?? w.repository)}
      footer={<Footer project={project} ask={ask} run={run} />}
    >
      {run === undefined ? <Loading /> : <Steps run={run} />}
    </Dialog>
  )
}

function Steps({ run }: { readonly run: Run }): ReactNode {
  const now = useNow()
  const w = useWords(words)
  const { mark, text } = endOf(w, run)
  const items = run.attention
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <section className={css['watching']} aria-label={w.steps} tabIndex={0}>
      <p className={css['state']} role="status">
        <Glyph mark={mark} size={18} /> <b>{text}</b>
        <span className="muted">
          {formatDuration(
            Math.max(1_000, Math.round(((run.endedAt ?? now) - run.startedAt) / 1_000) * 1_000),
          )}
        </span>
      </p>
      <RunSteps run={run} />
      {items.length > 0 && (
        <div className={css['asks']}>
          <NeedsYou run={run} items={items} named />
        </div>
      )}
      {run.endedAt !== null && run.status === 'failed' && <p>{run.cause ?? w.wayOn}</p>}
    </section>
  )
}

function Footer({ project, ask, run }: Props & { readonly run: Run | undefined }): ReactNode {
  const w = useWords(words)
  const actions = useRunActions(run)
  const saved = run === undefined ? undefined : savedBy(project, run)
  const over = run !== undefined && run.endedAt !== null
  return (
    <>
      <span className={css['hint']}>{over ? '' : w.started}</span>
      {over && saved !== undefined && (
        <Button onClick={() => askRollback({ project: ask.project, target: ask.target, point: saved.id })}>
          {w.undoThis(saved.id)}
        </Button>
      )}
      {run !== undefined && (
        <Button
          onClick={() => {
            closeRollback()
            navigate({ view: 'graph', run: run.id, task: undefined })
          }}
        >
          {w.toRun}
        </Button>
      )}
      {!over && actions !== undefined && (
        <Button look="danger" unavailable={actions.stop.unavailable} onClick={actions.stop.perform}>
          {w.stop}
        </Button>
      )}
      <Button look={over ? 'primary' : 'plain'} onClick={closeRollback}>
        {w.close}
      </Button>
    </>
  )
}

type W = ReturnType<typeof useWords<(typeof words)['en']>>

function endOf(w: W, run: Run): { readonly mark: Mark; readonly text: string } {
  const point = run.plan.rollback?.point.id ?? ''
  switch (run.status) {
    case 'completed': {
      const told = [...run.tasks].flatMap(({ outputs }) => outputs['verified'] ?? [])
      if (told.includes('false')) return { mark: 'failed', text: w.notWell(point) }
      const isVerified = run.plan.tasks.some(({ action }) => action?.do === 'verify')
      return { mark: 'done', text: isVerified ? w.done(point) : w.doneUnverified(point) }
    }
    case 'failed':
      return { mark: 'failed', text: w.failed(point) }
    case 'stopped':
      return { mark: 'needs-you', text: w.stopped(point) }
    default:
      return { mark: run.attention.length > 0 ? 'needs-you' : 'running', text: w.rolling(point) }
  }
}
