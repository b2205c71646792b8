import type { ClientCommand, Report } from '../commands.ts'
import { openEffects } from '../effects.ts'
import type { Condition, GateSpec, Measurement } from '../gates/gate.ts'
import type { GateRecord } from '../gates/gateRecord.ts'
import type { CommitId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { type Driver, RUN } from './driver.ts'

/** Plans with gates, and what is found where their conditions look. */

export const COMMAND: Condition = {
  kind: 'command',
  title: 'tests',
  run: 'test',
  image: null,
  network: 'none',
  timeoutMs: 60_000,
}

export function approval(people: readonly string[] | null = null, quorum = 1): Condition {
  const authority = people === null ? 'any' : 'CISO'
  return { kind: 'approval', title: 'looks right', by: { authority, people }, quorum }
}

export function gate(
  name: string,
  conditions: readonly Condition[],
  change: Partial<GateSpec> = {},
): GateSpec {
  return { name, title: name, conditions, maySkip: null, ...change }
}

export interface Placed {
  readonly phases?: Readonly<Record<number, readonly string[]>>
  readonly tasks?: Readonly<Record<string, readonly string[]>>
}

export function withGates(plan: Plan, gates: readonly GateSpec[], { phases = {}, tasks = {} }: Placed): Plan {
  return {
    ...plan,
    gates,
    phases: plan.phases.map((phase, i) => (phases[i] === undefined ? phase : { ...phase, gates: phases[i] })),
    tasks: plan.tasks.map((task) =>
      tasks[task.id] === undefined ? task : { ...task, gates: tasks[task.id]! },
    ),
  }
}

/** The gate of that name that was asked last. */
export function record(driver: Driver, name: string): GateRecord {
  const found = driver.run().gates?.records.findLast(({ gate }) => gate === name)
  if (found === undefined) throw new Error(`gate ${name} was not asked`)
  return found
}

export const ofCommand = (passed: boolean): Measurement => ({
  kind: 'command',
  passed,
  detail: passed ? '' : 'it ended with exit code 1',
})

/** Its evaluation finds this for every condition, approvals apart. */
export function found(driver: Driver, name: string, what: Measurement, commit: string | null = 'c1'): Report {
  const { number, gate: of } = record(driver, name)
  const { conditions } = driver.run().plan.gates!.find((spec) => spec.name === of)!
  const measured = conditions.map(({ kind }) => ({
    found: kind === 'approval' ? ({ kind } as const) : what,
    reports: [],
  }))
  const { id: run } = driver.run()
  return { type: 'report.gate-evaluated', run, number, commit: commit as CommitId | null, measured }
}

export function evaluations(driver: Driver): number {
  return openEffects(driver.state).filter(({ type }) => type === 'gate.evaluate').length
}

/** A gate that a command decides, and one that a person does. */
export const TESTS = gate('tests', [COMMAND])
export const SIGNED = gate('signed', [approval()])

export function approve(
  driver: Driver,
  name: string,
  change: Partial<Extract<ClientCommand, { type: 'gate.approve' }>> = {},
) {
  return driver.send({
    type: 'gate.approve',
    run: RUN,
    gate: name,
    yes: true,
    condition: null,
    why: '',
    ...change,
  })
}
