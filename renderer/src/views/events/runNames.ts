import { useEffect, useState } from 'react'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Plan } from '../../../../main/domain/plan.ts'
import type { State } from '../../../../main/domain/state.ts'
import { useBridge } from '../../state/session.tsx'

/** What the sentences need of a run: its name, and its tasks'. */
export interface RunName {
  readonly name: string
  readonly plan: Plan
}

export type NameOf = (run: RunId | null) => RunName | undefined

/** Of runs that left live state: asked for when one comes into sight, kept while the window is open. */
const stored = new Map<RunId, RunName>()
const asked = new Set<RunId>()
/** Plans are large; more are asked for again. */
const KEPT = 64

/** Names of runs, live or stored; those not known yet are looked up. */
export function useRunNames(state: State | undefined, wanted: readonly (RunId | null)[]): NameOf {
  const bridge = useBridge()
  const [, setKnown] = useState(0)
  const missing = [...new Set(wanted)].filter(
    (run): run is RunId => run !== null && !stored.has(run) && state?.runs.has(run) !== true,
  )
  const key = missing.join('\n')
  useEffect(() => {
    for (const run of key === '' ? [] : (key.split('\n') as RunId[])) {
      if (asked.has(run)) continue
      asked.add(run)
      bridge.request('history', { after: 0, limit: 1, run }).then(
        ([first]) => {
          asked.delete(run)
          if (first?.data.type !== 'run.started') return
          const { plan, number } = first.data
          stored.set(run, { name: `${plan.epic}#${number}`, plan })
          for (const old of stored.keys()) if (stored.size > KEPT) stored.delete(old)
          setKnown((n) => n + 1)
        },
        () => asked.delete(run),
      )
    }
  }, [bridge, key])
  return (id) => nameOf(state, id)
}

export function nameOf(state: State | undefined, id: RunId | null): RunName | undefined {
  if (id === null) return undefined
  const run = state?.runs.get(id)
  return run === undefined ? stored.get(id) : { name: `${run.plan.epic}#${run.number}`, plan: run.plan }
}
