import { type ReactNode, useState } from 'react'
import { FIX_FORWARD } from '../../../main/domain/incidents/remedies.ts'
import type { TargetPart } from '../../../main/domain/points/point.ts'
import type { ProjectRecord } from '../../../main/domain/state.ts'
import { useDispatch } from '../actions/useDispatch.ts'
import { useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Empty, Loading, Trouble } from '../ui/Notice.tsx'
import { useWords } from '../words/language.ts'
import { closeRollback, type RollbackAsk } from './asked.ts'
import { Changed, PlanView } from './PlanView.tsx'
import { PointList } from './PointList.tsx'
import { isOutdated, offeredPoint, type Preview, pointsOf } from './points.ts'
import css from './Rollback.module.css'
import { useOrder } from './useOrder.ts'
import { type Looked, usePreview } from './usePreview.ts'
import { words } from './words.ts'

/** The point, what going back to it would do, and the one yes. */
export function Choosing({
  project,
  ask,
}: {
  readonly project: ProjectRecord
  readonly ask: RollbackAsk
}): ReactNode {
  const w = useWords(words)
  const { target, incident } = ask
  const points = pointsOf(project, target)
  const [chosen, setChosen] = useState(ask.point)
  const [parts, setParts] = useState<readonly TargetPart[] | undefined>()
  const [why, setWhy] = useState(() => titleOf(project, incident))
  const point = points.find(({ id }) => id === chosen) ?? points[0]
  const none = parts?.length === 0
  const { looked, again } = usePreview(
    point === undefined || none
      ? undefined
      : { project: project.id, target, point: point.id, ...(parts === undefined ? {} : { parts }) },
  )
  const preview = looked.status === 'ready' && looked.preview.ok ? looked.preview : undefined
  const stale = preview !== undefined && isOutdated(project, preview)
  const { order, begun } = useOrder(ask, again)
  const unavailable = useReason(looked, none, stale, begun)
  const footer = (
    <>
      <input
        className={css['why']}
        aria-label={w.why}
        placeholder={w.whyDefault}
        maxLength={300}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      <FixForward project={project} ask={ask} />
      <Button onClick={closeRollback}>{w.cancel}</Button>
      {point !== undefined && (
        <Button
          look="danger"
          unavailable={unavailable}
          onClick={() => preview !== undefined && void order(preview, parts, why.trim() || w.whyDefault)}
        >
          {w.confirm(point.id)}
        </Button>
      )}
    </>
  )
  return (
    <Dialog open wide onClose={closeRollback} title={w.title(target ?? w.repository)} footer={footer}>
      {point === undefined ? (
        <Empty title={w.noPoints}>{w.noPointsText}</Empty>
      ) : (
        <div className={css['choosing']}>
          <div className={css['side']}>
            <PointList
              points={points}
              offered={offeredPoint(project, target)?.id}
              value={point.id}
              onChange={(id) => {
                setChosen(id)
                setParts(undefined)
              }}
            />
            {preview !== undefined && <Changed preview={preview} />}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
          <section className={css['plan']} aria-label={w.steps} tabIndex={0}>
            {stale && (
              <p className={css['stale']} role="status">
                <Glyph mark="needs-you" /> <span>{w.stale}</span> <Button onClick={again}>{w.again}</Button>
              </p>
            )}
            {none ? (
              <Empty
                title={w.choosePart}
                action={<Button onClick={() => setParts(undefined)}>{w.again}</Button>}
              />
            ) : (
              <Planned looked={looked} parts={parts} onParts={setParts} onAgain={again} />
            )}
          </section>
        </div>
      )}
    </Dialog>
  )
}

function Planned({
  looked,
  parts,
  onParts,
  onAgain,
}: {
  readonly looked: Looked
  readonly parts: readonly TargetPart[] | undefined
  readonly onParts: (parts: readonly TargetPart[] | undefined) => void
  readonly onAgain: () => void
}): ReactNode {
  const w = useWords(words)
  if (looked.status === 'loading') return <Loading what={w.looking} />
  if (looked.status === 'failed') return <Trouble error={looked.error} onRetry={onAgain} />
  if (!looked.preview.ok) return <Trouble error={{ message: looked.preview.reason }} onRetry={onAgain} />
  return <PlanView preview={looked.preview as Preview} parts={parts} onParts={onParts} />
}

/** Why it cannot be said yes to now. */
function useReason(looked: Looked, none: boolean, stale: boolean, begun: boolean): string | undefined {
  const w = useWords(words)
  const connected = useLive((live) => live.connection.status === 'connected')
  if (!connected) return w.notConnected
  if (none) return w.choosePart
  if (looked.status !== 'ready' || begun) return w.waiting
  if (!looked.preview.ok) return looked.preview.reason
  return stale ? w.stale : undefined
}

/** Beside every way back stands the way on. */
function FixForward({
  project,
  ask,
}: {
  readonly project: ProjectRecord
  readonly ask: RollbackAsk
}): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const found = project.incidents.find(({ id }) => id === ask.incident)
  if (found === undefined || (found.state !== 'open' && found.state !== 'acknowledged')) return null
  const decide = async (): Promise<void> => {
    const command = { type: 'incident.decide', project: project.id, incident: found.id } as const
    if (await dispatch({ ...command, choice: FIX_FORWARD })) closeRollback()
  }
  return <Button onClick={() => void decide()}>{w.instead}</Button>
}

function titleOf(project: ProjectRecord, incident: string | undefined): string {
  const found = project.incidents.find(({ id }) => id === incident)
  return found === undefined ? '' : `${found.id}: ${found.title}`.slice(0, 300)
}
