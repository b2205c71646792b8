import { type ReactNode, useLayoutEffect, useMemo, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useCalm } from '../../state/calm.ts'
import { useEstimate } from '../../state/estimates.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { Amphitheatre } from './Amphitheatre.tsx'
import { Calls } from './Calls.tsx'
import { EmptyHouse } from './EmptyHouse.tsx'
import css from './House.module.css'
import { createHouseStore, type HouseParts, useTierKind } from './houseState.ts'
import { Legend } from './Legend.tsx'
import { SeatList } from './SeatList.tsx'
import { type SeatStates, useSeatStates } from './seatStates.ts'
import { Toolbar } from './Toolbar.tsx'
import { kindsOf, tiersOf } from './tiers.ts'
import { useHouseKeys } from './useHouseKeys.ts'
import { words } from './words.ts'

/** The first view of a run: its agents as seats of an amphitheatre, or as the list with the same content. */
export function House(): ReactNode {
  const w = useWords(words)
  const run = useSelectedRun()
  const named = usePlace().run !== undefined
  const known = useLive((live) => live.state !== undefined)
  switch (run.status) {
    case 'ready':
      return <HouseOf key={run.value.id} run={run.value} />
    case 'failed':
      return <Trouble error={run.error} onRetry={run.retry} />
    case 'loading':
      return <Loading />
    case 'missing':
      if (!known) return <Loading />
      return named ? (
        <Empty
          title={w.missing}
          action={<Button onClick={() => navigate({ view: 'runs', run: undefined })}>{w.allRuns}</Button>}
        >
          {w.missingText}
        </Empty>
      ) : (
        <EmptyHouse />
      )
  }
}

/** Drawn anew with every state of the run: everything dear below it listens for itself. */
function HouseOf({ run }: { readonly run: Run }): ReactNode {
  const shown = usePreference('house')
  const states = useSeatStates(run)
  const [store] = useState(createHouseStore)
  const { plan } = run
  const kinds = useMemo(() => kindsOf(plan), [plan])
  const kind = useTierKind(kinds)
  const parts = useMemo<HouseParts>(() => {
    const tiers = tiersOf(plan, kind)
    return { plan, kind, tiers, order: tiers.flatMap(({ tasks }) => tasks), states, store }
  }, [plan, kind, states, store])
  const root = useHouseKeys(parts)
  return (
    <div ref={root} className={css['house']} data-shown={shown}>
      <div className={css['top']}>
        <Calls run={run} slim={shown === 'list'} />
        <Toolbar kinds={kinds} kind={kind} />
      </div>
      <div className={css['content']}>
        {shown === 'seats' ? <Amphitheatre parts={parts} run={run} /> : <SeatList parts={parts} run={run} />}
      </div>
      {run.endedAt === null && <Estimates run={run} states={states} />}
      <Legend states={states} store={store} />
    </div>
  )
}

/** Hands the seats what is known of how long their work takes. */
function Estimates({ run: latest, states }: { readonly run: Run; readonly states: SeatStates }): ReactNode {
  const run = useCalm(latest, 1_000)
  const estimate = useEstimate(run)
  useLayoutEffect(() => {
    states.estimate = estimate
  })
  return null
}
