import type { Plan } from '../plan.ts'
import { GATE_CHECK, gatesAfter, gatesBefore, gatesOfPhase } from './places.ts'

/** Why the gates of a plan can never be asked; undefined when they can. */
export function planAgainstGates(plan: Plan): string | undefined {
  const known = new Map((plan.gates ?? []).map((gate) => [gate.name, gate] as const))
  const unknown = (names: readonly string[]): string | undefined => names.find((name) => !known.has(name))
  for (const [i, task] of plan.tasks.entries()) {
    const name = unknown([...gatesAfter(plan, i), ...gatesBefore(plan, i)])
    if (name !== undefined) return `task ${task.id} names the gate ${name}, which does not exist`
  }
  for (const [i, phase] of plan.phases.entries()) {
    const name = unknown(gatesOfPhase(plan, i))
    if (name !== undefined) return `phase ${phase.name} names the gate ${name}, which does not exist`
  }
  const empty = (plan.gates ?? []).find(({ conditions }) => conditions.length === 0)
  if (empty !== undefined) return `the gate ${empty.name} has no conditions, so nothing could pass it`
  const isTaken = known.size > 0 && plan.tasks.some(({ id }) => id.toLowerCase() === GATE_CHECK)
  return isTaken ? `a task is called ${GATE_CHECK}, as evaluations of gates are` : undefined
}
