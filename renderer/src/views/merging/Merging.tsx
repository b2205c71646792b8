import { type ReactNode, Suspense } from 'react'
import { checkId } from '../../../../main/domain/merging/mergePolicy.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { lazyPart } from '../../frame/lazyPart.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { Checks } from './Checks.tsx'
import { mergedIn } from './checks.ts'
import { Line } from './Line.tsx'
import css from './Merging.module.css'
import { TakenOutList } from './TakenOut.tsx'
import { checkAt, MERGE_AT, mergeAt } from './tab.ts'
import { useMergeLog } from './useMergeLog.ts'
import { words } from './words.ts'

const Output = lazyPart(async () => (await import('./Output.tsx')).Output)

/** How the work of the run on the screen comes together: who waits, what is being checked, what was taken out and why. */
export function Merging(): ReactNode {
  const w = useWords(words)
  const found = useSelectedRun()
  const known = useLive((live) => live.state !== undefined)
  if (found.status === 'loading' || !known) return <Loading />
  if (found.status === 'failed') return <Trouble error={found.error} onRetry={found.retry} />
  if (found.status === 'missing') return <Empty title={w.none} />
  if (found.value.plan.merge === undefined) return <Empty title={w.noCheck}>{w.noCheckText}</Empty>
  return <MergingOf key={found.value.id} run={found.value} />
}

function MergingOf({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const read = useMergeLog(run)
  const log = read.status === 'ready' ? read.log : undefined
  const shown = checkAt(at)
  const check = log?.checks.find(({ n }) => n === shown)
  const open = (n: number | undefined): void => navigate({ at: n === undefined ? MERGE_AT : mergeAt(n) })
  return (
    <div className={css['merging']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <div className={css['scroll']} tabIndex={0}>
        {run.mergeQueue?.held != null && (
          <section className={css['held']}>
            <Glyph mark="needs-you" size={16} />
            <div>
              <p>
                <b>{w.held}</b>
              </p>
              <p className={css['reason']}>{run.mergeQueue.held.replaceAll(`${run.id}/`, '')}</p>
              <p className="muted">{w.heldHint}</p>
            </div>
          </section>
        )}
        <Line run={run} merged={log === undefined ? undefined : mergedIn(log)} onOutput={open} />
        {read.status === 'failed' && <Trouble error={read.error} onRetry={read.retry} />}
        {log !== undefined && <TakenOutList run={run} out={log.out} onOutput={open} />}
        {log !== undefined && (
          <Checks run={run} log={log} shown={shown} onShow={(n) => open(n === shown ? undefined : n)} />
        )}
      </div>
      {check !== undefined && (
        <Suspense fallback={<Loading />}>
          <Output
            key={check.n}
            attempt={checkId(run.id, check.n)}
            n={check.n}
            over={check.endedAt !== null}
            onClose={() => open(undefined)}
          />
        </Suspense>
      )}
    </div>
  )
}
