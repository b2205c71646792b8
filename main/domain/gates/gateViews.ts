import type { Run } from '../state.ts'
import type { Condition, ConditionResult, GateSpec } from './gate.ts'
import type { Approval, GatePlace, GateRecord } from './gateRecord.ts'
import { conditionWords, wantedWords } from './gateWords.ts'
import { gateSpec, gatesAfter, gatesBefore, gatesOfPhase, placeWords, recordsAt } from './places.ts'

/** Gates as views show them: what stands where, how it stands, and what that rests on. */

export interface GateView {
  readonly spec: GateSpec
  readonly at: GatePlace
  /** `phase Build`, `ship`, `compile#2`. */
  readonly place: string
  /** Null until its turn has come. */
  readonly record: GateRecord | null
  readonly conditions: readonly ConditionView[]
}

export interface ConditionView {
  readonly condition: Condition
  /** What it looks at, in words. */
  readonly text: string
  readonly wanted: string
  /** Null until it was evaluated. */
  readonly result: ConditionResult | null
  readonly approvals: readonly Approval[]
}

/** Every gate of a run: those that were asked in the order they were, then those that are still to come. */
export function gateViews(run: Run): readonly GateView[] {
  const asked = (run.gates?.records ?? []).map((record) => viewOf(run, record.at, record.gate, record))
  const places: readonly (readonly [GatePlace, readonly string[]])[] = [
    ...run.plan.phases.map((_, phase) => [{ kind: 'phase', phase }, gatesOfPhase(run.plan, phase)] as const),
    ...run.plan.tasks.map((_, task) => [{ kind: 'deploy', task }, gatesBefore(run.plan, task)] as const),
  ]
  const coming = places.flatMap(([at, names]) =>
    names
      .filter((name) => !recordsAt(run, at).some(({ gate }) => gate === name))
      .map((name) => viewOf(run, at, name, null)),
  )
  const ofTasks = run.plan.tasks.flatMap((_, task) => {
    const at: GatePlace = { kind: 'task', task, attempt: (run.tasks.get(task)!.current?.n ?? 0) || 1 }
    const isAsked = asked.some((view) => view.at.kind === 'task' && view.at.task === task)
    return isAsked ? [] : gatesAfter(run.plan, task).map((name) => viewOf(run, at, name, null))
  })
  return [...asked, ...coming, ...ofTasks]
}

/** By the id of a record (`g3`), as attention items name it in `about`. */
export function gateView(run: Run, id: string): GateView | undefined {
  const record = run.gates?.records.find((one) => one.id === id)
  return record === undefined ? undefined : viewOf(run, record.at, record.gate, record)
}

function viewOf(run: Run, at: GatePlace, name: string, record: GateRecord | null): GateView {
  const spec = gateSpec(run.plan, name)
  const isOfTask = at.kind === 'task' && record === null
  return {
    spec,
    at,
    place: isOfTask ? run.plan.tasks[at.task]!.id : placeWords(run.plan, at),
    record,
    conditions: spec.conditions.map((condition, i) => {
      const result = record?.results[i] ?? null
      return {
        condition,
        text: conditionWords(condition),
        wanted: result?.wanted ?? wantedWords(condition, {}),
        result,
        approvals: (record?.approvals ?? []).filter((approval) => approval.condition === i),
      }
    }),
  }
}
