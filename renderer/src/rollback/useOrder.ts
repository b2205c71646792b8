import { useState } from 'react'
import { commandId } from '../../../main/domain/ids.ts'
import type { TargetPart } from '../../../main/domain/points/point.ts'
import { derivedRunId } from '../../../main/domain/setup/ownRun.ts'
import { inWords } from '../actions/refusal.ts'
import { useSession } from '../state/session.tsx'
import { tellFailure } from '../ui/toasts.tsx'
import { type RollbackAsk, watchRollback } from './asked.ts'
import type { Preview } from './points.ts'

/** Orders what a preview showed; where the world has changed since, nothing is done and it is looked at again. */
export function useOrder(ask: RollbackAsk, again: () => void) {
  const { bridge, live } = useSession()
  const [begun, setBegun] = useState(false)
  const order = async (
    { plan, move }: Preview,
    parts: readonly TargetPart[] | undefined,
    why: string,
  ): Promise<void> => {
    if (begun) return
    setBegun(true)
    // One id for the run, whatever becomes of the answer: sent twice it is one rollback.
    const key = crypto.randomUUID()
    const run = derivedRunId(Date.now(), key)
    try {
      const outcome = await bridge.request('dispatch', {
        command: {
          type: 'rollback.start',
          project: ask.project,
          run,
          target: plan.target,
          point: plan.point.id,
          digest: plan.digest,
          why,
          ...(parts === undefined ? {} : { parts: [...parts] }),
          move: move === null ? null : { ...move },
          incident: ask.incident ?? null,
        },
        id: commandId(`page-${key}`),
      })
      if (outcome.ok) {
        watchRollback(run)
        return
      }
      tellFailure({ message: inWords(outcome.reason, live.getState().state?.runs.values() ?? []) })
      again()
    } catch (error) {
      tellFailure(error)
    } finally {
      setBegun(false)
    }
  }
  return { order, begun }
}
