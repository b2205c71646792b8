import type { Conflict } from '../../domain/conflicts/conflict.ts'
import { agentName, type RoleName } from '../../domain/ids.ts'
import type { LockTable } from '../../domain/locks/changes.ts'
import { planIndex } from '../../domain/plan.ts'
import type { Role, TaskSpec } from '../../domain/project.ts'
import type { Attempt, Run, State } from '../../domain/state.ts'
import type { Party } from '../../domain/talk/message.ts'
import type { DoorOf } from '../../engine/ports/doors.ts'

/** Who calls, in a state. */
export interface Standing {
  readonly run: Run
  /** Index in the plan. */
  readonly task: number
  readonly spec: TaskSpec
  readonly attempt: Attempt
  /** Of the whole project. */
  readonly locks: LockTable
  /** Of the whole project. */
  readonly conflicts: readonly Conflict[]
  /** `BuildMaster/compile-api#1`. */
  readonly name: string
}

/** Undefined when the attempt is over; nobody of it may call any more. */
export function standingOf(state: State, { run: id, task, attempt: n }: DoorOf): Standing | undefined {
  const run = state.runs.get(id)
  const attempt = run?.tasks.get(task)?.current ?? null
  if (run === undefined || attempt === null || attempt.n !== n || attempt.exitedAt !== null) return undefined
  const spec = run.plan.tasks[task]!
  const { locks, conflicts } = state.projects.get(run.project)!
  return { run, task, spec, attempt, locks, conflicts, name: agentName(attempt.role, spec.id, n) }
}

export function roleOf({ run, attempt }: Standing): Role {
  return run.plan.roles[planIndex(run.plan).roleIndex.get(attempt.role)!]!
}

/** Everything an agent may call itself. */
function ownNames(standing: Standing): readonly string[] {
  const { name, spec, attempt } = standing
  const { id } = roleOf(standing)
  return [name, `${attempt.role}/${spec.id}`, spec.id, attempt.role, ...(id === null ? [] : [id])]
}

/** Is it what this agent is called? Case, spaces, dashes and underscores do not matter. */
export function isOwnName(standing: Standing, word: string): boolean {
  return ownNames(standing).some((name) => plain(name) === plain(word))
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** A sender in words that can be written to. */
export function partyName(run: Run, party: Party): string {
  switch (party.kind) {
    case 'task': {
      const { id } = run.plan.tasks[party.task]!
      const role = roleAt(run, party.task, party.attempt)
      return role === undefined ? id : agentName(role, id, party.attempt)
    }
    case 'person':
      return `person:${party.name}`
    case 'engine':
      return 'engine'
    case 'outside':
      return `outside:${party.name}`
  }
}

function roleAt(run: Run, task: number, attempt: number): RoleName | undefined {
  const { current, past } = run.tasks.get(task)!
  if (current?.n === attempt) return current.role
  return past.find(({ n }) => n === attempt)?.role
}

export function taskNames(run: Run, tasks: readonly number[]): readonly string[] {
  return tasks.map((task) => run.plan.tasks[task]!.id)
}
