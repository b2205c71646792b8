import { resolve } from '../attention.ts'
import type { Draft } from '../draft.ts'
import type { RunId } from '../ids.ts'
import type { Run } from '../state.ts'
import type { GateSpec } from './gate.ts'
import type { GatePlace, GateRecord } from './gateRecord.ts'
import { gateSpec, phaseToAsk, recordsAt, unasked } from './places.ts'

/** How gates come to be evaluated. */

/** Asks the gates of a place that have no answer. */
export function askGates(draft: Draft, run: RunId, at: GatePlace): void {
  for (const name of unasked(draft.run(run), at)) {
    const known = recordsAt(draft.run(run), at).find(({ gate }) => gate === name)
    const id = known?.id ?? `g${(draft.run(run).gates?.records.length ?? 0) + 1}`
    ask(draft, run, { id, gate: name, at })
  }
}

/** Asks one, also again. */
export function ask(
  draft: Draft,
  run: RunId,
  { id, gate, at }: Pick<GateRecord, 'id' | 'gate' | 'at'>,
): void {
  const { gates, plan } = draft.run(run)
  const number = (gates?.last ?? 0) + 1
  draft.emitRun(run, { type: 'gate.asked', id, gate, at, number, span: spanOf(gateSpec(plan, gate)) })
}

/** Each command of an evaluation has a number of its own. */
function spanOf({ conditions }: GateSpec): number {
  return Math.max(1, conditions.filter(({ kind }) => kind === 'command').length)
}

/** Asks what stands at the end of phases that have settled, and takes back questions that are over. Part of `schedule`. */
export function serveGates(draft: Draft): void {
  for (const { id, plan } of draft.state.runs.values()) {
    if (plan.gates === undefined) continue
    const run = draft.run(id)
    const phase = run.status === 'running' && !run.paused ? phaseToAsk(run) : undefined
    if (phase !== undefined) askGates(draft, id, { kind: 'phase', phase })
    sweep(draft, draft.run(id))
  }
}

function sweep(draft: Draft, run: Run): void {
  for (const { id, kind, about } of run.attention) {
    if (kind !== 'approval' && kind !== 'gate-failed') continue
    const state = run.gates?.records.find((record) => record.id === about)?.state
    if (state !== (kind === 'approval' ? 'waiting' : 'failed')) resolve(draft, run.id, id, 'over')
  }
}
