import { type ReactNode, Suspense } from 'react'
import { gatePlaces } from '../../../main/domain/gates/placeKey.ts'
import type { TaskId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Place, ViewName } from '../../../preload/contract.ts'
import { GateInspector } from '../gates/GateInspector.tsx'
import { RunInspector } from '../inspector/RunInspector.tsx'
import { TaskInspector } from '../inspector/TaskInspector.tsx'
import { formatPlace, usePlace } from '../state/place.ts'
import { useSelectedRun } from '../state/selectedRun.ts'
import { useLive } from '../state/session.tsx'
import { Empty, Loading, Trouble } from '../ui/Notice.tsx'
import { handoffIn } from '../views/talk/tabs.ts'
import { useWords } from '../words/language.ts'
import { Catch } from './Catch.tsx'
import css from './Inspector.module.css'
import { lazyPart } from './lazyPart.ts'
import { words } from './words.ts'

const HandoffInspector = lazyPart(
  async () => (await import('../views/talk/HandoffInspector.tsx')).HandoffInspector,
)

const ReleasesInspector = lazyPart(
  async () => (await import('../views/releases/ReleasesInspector.tsx')).ReleasesInspector,
)
const IncidentInspector = lazyPart(
  async () => (await import('../views/incidents/IncidentInspector.tsx')).IncidentInspector,
)

/** Views that say everything themselves and use the whole width. */
const WITHOUT: ReadonlySet<ViewName> = new Set(['projects', 'runs', 'health'])

/** The board of incidents says everything itself; the page of one has its decision beside it. */
export function hasInspector({ view, at }: Place): boolean {
  return view === 'incidents' ? at !== undefined : !WITHOUT.has(view)
}

/** Always answers why what is selected is where it is: a hand-off, a task, else the run. */
export function Inspector(): ReactNode {
  const w = useWords(words)
  const place = usePlace()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <aside className={css['inspector']} aria-label={w.inspector} tabIndex={0}>
      <Catch key={formatPlace(place)} title={w.crashedInspector}>
        <Content />
      </Catch>
    </aside>
  )
}

function Content(): ReactNode {
  const w = useWords(words)
  const { view, task, at } = usePlace()
  const run = useSelectedRun()
  const known = useLive((live) => live.state !== undefined)
  if (view === 'incidents')
    return (
      <Suspense fallback={<Loading />}>
        <IncidentInspector />
      </Suspense>
    )
  if (view === 'releases')
    return (
      <Suspense fallback={<Loading />}>
        <ReleasesInspector />
      </Suspense>
    )
  if (run.status === 'loading' || !known) return <Loading />
  if (run.status === 'failed') return <Trouble error={run.error} onRetry={run.retry} />
  if (run.status === 'missing') return <Empty title={w.noRun} />
  const gates = at?.startsWith('gate:') === true ? gatePlaces(run.value) : []
  const gate = gates.find(({ key }) => key === at)
  if (gate !== undefined && task === undefined)
    return <GateInspector key={`${run.value.id}/${gate.key}`} run={run.value} place={gate} />
  const handoff = view === 'talk' ? run.value.talk.handoffs.find(({ id }) => id === handoffIn(at)) : undefined
  if (handoff !== undefined)
    return (
      <Suspense fallback={<Loading />}>
        <HandoffInspector run={run.value} handoff={handoff} />
      </Suspense>
    )
  const index = task === undefined ? undefined : planIndex(run.value.plan).byId.get(task as TaskId)
  if (index === undefined) return <RunInspector key={run.value.id} run={run.value} />
  return <TaskInspector key={`${run.value.id}/${index}`} run={run.value} index={index} />
}
