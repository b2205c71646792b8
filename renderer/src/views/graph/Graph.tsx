import { ReactFlowProvider } from '@xyflow/react'
import { type ReactNode, useMemo, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { navigate } from '../../state/place.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { createGraphView, GraphContext } from './graphView.ts'
import { useRunLooks } from './useRunLooks.ts'
import { Workbench } from './Workbench.tsx'
import { words } from './words.ts'

/** The coordination graph of the selected run. */
export function Graph(): ReactNode {
  const w = useWords(words)
  const run = useSelectedRun()
  const known = useLive((live) => live.state !== undefined)
  const hasRuns = useLive((live) => (live.state?.runs.size ?? 0) > 0)
  if (run.status === 'loading' || !known) return <Loading />
  if (run.status === 'failed') return <Trouble error={run.error} onRetry={run.retry} />
  if (run.status === 'missing') {
    return hasRuns ? (
      <Empty
        title={w.noSuchRun}
        action={<Button onClick={() => navigate({ view: 'runs', run: undefined })}>{w.allRuns}</Button>}
      >
        {w.noSuchRunText}
      </Empty>
    ) : (
      <Empty
        title={w.noRun}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noRunText}
      </Empty>
    )
  }
  return <GraphOf key={run.value.id} run={run.value} />
}

function GraphOf({ run }: { readonly run: Run }): ReactNode {
  const looks = useRunLooks(run)
  const [view] = useState(createGraphView)
  const context = useMemo(() => ({ looks, view }), [looks, view])
  return (
    <GraphContext value={context}>
      <ReactFlowProvider>
        <Workbench run={run} />
      </ReactFlowProvider>
    </GraphContext>
  )
}
