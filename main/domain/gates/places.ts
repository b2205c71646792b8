import { type AttemptId, attemptId, type RunId, taskId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import type { TaskSpec } from '../project.ts'
import type { Run } from '../state.ts'
import type { GateSpec } from './gate.ts'
import { type GatePlace, type GateRecord, isOpen, lets, samePlace } from './gateRecord.ts'

/** Which gates stand where, and whether they let pass. */

/** What evaluations go by where tasks have their id; no task may have it in a plan with gates. */
export const GATE_CHECK = taskId('gate-check')

/** `<run>/gate-check#3`: the clone and the container of an evaluation, and where its output is found. */
export function gateCheckId(run: RunId, number: number): AttemptId {
  return attemptId(run, GATE_CHECK, number)
}

/** Is this the number of an evaluation that is under way, or of a command of one? */
export function isEvaluating({ gates }: Run, number: number): boolean {
  return (gates?.records ?? []).some(
    (record) =>
      record.state === 'evaluating' && number >= record.number && number < record.number + record.span,
  )
}

/** Throws for one that the plan does not have: `checkPlan` lets no such plan begin. */
export function gateSpec(plan: Plan, name: string): GateSpec {
  const found = plan.gates?.find((gate) => gate.name === name)
  if (found === undefined) throw new Error(`the plan has no gate ${name}`)
  return found
}

/** Whatever it is called: going back to what was deployed before is no deployment. */
export function deploys({ kind, action }: TaskSpec): boolean {
  return kind === 'deploy' || action?.do === 'deploy'
}

/** Before its work is merged. */
export function gatesAfter(plan: Plan, task: number): readonly string[] {
  const spec = plan.tasks[task]!
  return deploys(spec) ? [] : (spec.gates ?? [])
}

/** Before it starts: its own and those of where it goes. */
export function gatesBefore(plan: Plan, task: number): readonly string[] {
  const spec = plan.tasks[task]!
  if (!deploys(spec)) return []
  const { gates = [], target } = spec
  const goesTo = target === undefined ? undefined : plan.targets?.find(({ name }) => name === target)
  return [...new Set([...gates, ...(goesTo?.gates ?? [])])]
}

export function gatesOfPhase(plan: Plan, phase: number): readonly string[] {
  return plan.phases[phase]?.gates ?? []
}

function gatesAt(plan: Plan, place: GatePlace): readonly string[] {
  switch (place.kind) {
    case 'task':
      return gatesAfter(plan, place.task)
    case 'phase':
      return gatesOfPhase(plan, place.phase)
    case 'deploy':
      return gatesBefore(plan, place.task)
  }
}

export function recordsAt(run: Run, place: GatePlace): readonly GateRecord[] {
  return (run.gates?.records ?? []).filter((record) => samePlace(record.at, place))
}

/** Do all gates of a place let pass? True where there are none. */
export function letsPass(run: Run, place: GatePlace): boolean {
  const records = recordsAt(run, place)
  return gatesAt(run.plan, place).every((name) =>
    records.some((record) => record.gate === name && lets(record)),
  )
}

/** Gates of a place that are to be asked: those that have not been, or whose answer is void. */
export function unasked(run: Run, place: GatePlace): readonly string[] {
  const records = recordsAt(run, place).filter(({ state }) => state !== 'void')
  return gatesAt(run.plan, place).filter((name) => !records.some(({ gate }) => gate === name))
}

/** A deployment that its gates keep from starting, now or for good. */
export function isHeldByGates(run: Run, task: number): boolean {
  const place = { kind: 'deploy', task } as const
  return recordsAt(run, place).some((record) => isOpen(record))
}

/** The open phase has settled well and waits for its gates. */
export function phaseToAsk(run: Run): number | undefined {
  const { phase, phaseLeft, phaseFailed, plan } = run
  if (phase >= plan.phases.length || phaseLeft > 0 || phaseFailed) return undefined
  return unasked(run, { kind: 'phase', phase }).length > 0 ? phase : undefined
}

export function openGates(run: Run): readonly GateRecord[] {
  return run.gates === undefined ? [] : run.gates.records.filter(isOpen)
}

/** Does anything stand before a gate, or is it let pass and not merged yet? Such work holds no slot. */
export function hasOpenGates(run: Run): boolean {
  return openGates(run).length > 0 || movesAtGates(run)
}

/** Is a gate being evaluated, or is work being merged that gates have let pass? */
export function movesAtGates(run: Run): boolean {
  return (run.gates?.records ?? []).some(({ state, at }) => {
    if (state === 'evaluating') return true
    const current = at.kind === 'task' ? run.tasks.get(at.task)!.current : null
    return at.kind === 'task' && current?.n === at.attempt && current.gated?.cleared === true
  })
}

/** `phase Build`, `deploy`, `build#2`. */
export function placeWords(plan: Plan, at: GatePlace): string {
  switch (at.kind) {
    case 'task':
      return `${plan.tasks[at.task]!.id}#${at.attempt}`
    case 'phase':
      return `phase ${plan.phases[at.phase]!.name}`
    case 'deploy':
      return `${plan.tasks[at.task]!.id}`
  }
}
