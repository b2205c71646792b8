import { candidates } from '../delegation.ts'
import { planIndex } from '../plan.ts'
import type { Role } from '../project.ts'
import { isSettled, type Run } from '../state.ts'

/** Whom a message goes to. Task numbers index the run's plan, in plan order, the sender left out. */
export interface Receivers {
  readonly tasks: readonly number[]
  readonly person: boolean
}

export type Resolved =
  | { readonly ok: true; readonly receivers: Receivers }
  | { readonly ok: false; readonly reason: string }

const EVERYBODY = new Set(['all', 'all_agents', 'broadcast', 'everybody'])
const PERSON = new Set(['person', 'human', 'people'])

/** Somebody who has the skills that are asked for. */
export const HELP = 'help'

/** Words that stand for others in every run, in whatever case: a task or role of this name could not be written to. */
export function isReserved(name: string): boolean {
  const lower = name.toLowerCase()
  return PERSON.has(lower) || EVERYBODY.has(lower) || lower === HELP
}

/** Channels are `#name`; topics have a dot, as `agent.results`. */
export function isChannel(to: string): boolean {
  return /^#[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(to) || isTopic(to)
}

export function isTopic(to: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(to)
}

/** A name with a slash is an agent (`Role/task#2`); the attempt in it does not matter: work stays with the task. */
const AGENT = /^([^/#]+)\/([^/#]+)(?:#\d+)?$/

/**
 * What an address stands for in a run, `from` being the task that uses it (null: not a task). A role is every task of
 * it that is not over, whether its agent has started or not: what waits for an agent is kept for it.
 */
export function resolveAddress(run: Run, to: string, from: number | null): Resolved {
  const address = to.trim()
  const lower = address.toLowerCase()
  if (PERSON.has(lower) || lower.startsWith('person:')) return found([], true)
  if (EVERYBODY.has(lower)) return found(others(run, everyTask(run), from), false)
  const { byId } = planIndex(run.plan)
  const name = AGENT.exec(address)?.[2] ?? address
  const task = [...byId].find(([id]) => id === name)?.[1]
  const role = run.plan.roles.find((one) => one.name === address || one.id === address)
  if (task !== undefined && role === undefined) return one(run, task, from)
  if (role !== undefined) return ofRole(run, role, from)
  // A name may have dots as a topic has.
  if (isChannel(address)) return found(others(run, membersOf(run, address), from), false)
  return {
    ok: false,
    reason: `there is nobody called ${address}; write to a task, a role, #channel, all or person`,
  }
}

function found(tasks: readonly number[], person: boolean): Resolved {
  return { ok: true, receivers: { tasks, person } }
}

function one(run: Run, task: number, from: number | null): Resolved {
  const { id } = run.plan.tasks[task]!
  if (task === from) return { ok: false, reason: `${id} would be writing to itself` }
  const { outcome } = run.tasks.get(task)!
  if (outcome !== null) return { ok: false, reason: `${id} is over (${outcome}); nobody would read it` }
  return found([task], false)
}

function ofRole(run: Run, role: Role, from: number | null): Resolved {
  const tasks = others(run, tasksOfRole(run, role), from)
  if (tasks.length > 0) return found(tasks, false)
  const own = from !== null && rolesOfTask(run, from).includes(role)
  const reason = own
    ? `no other agent is ${role.name}`
    : `no task of this run is ${role.name}'s, or they are all over`
  return { ok: false, reason }
}

function others(run: Run, tasks: readonly number[], from: number | null): readonly number[] {
  return tasks.filter((task) => task !== from && !isSettled(run.tasks.get(task)!))
}

function everyTask(run: Run): readonly number[] {
  return run.plan.tasks.map((_, task) => task)
}

/** Who hears what comes from outside on a topic, whatever else has the topic's name. */
export function listenersOf(run: Run, topic: string): Receivers {
  return { tasks: others(run, membersOf(run, topic), null), person: false }
}

export function membersOf(run: Run, channel: string): readonly number[] {
  const { channels } = run.talk
  return Object.hasOwn(channels, channel) ? channels[channel]!.toSorted((a, b) => a - b) : []
}

function tasksOfRole(run: Run, role: Role): readonly number[] {
  return everyTask(run).filter((task) => rolesOfTask(run, task).includes(role))
}

/** Who is at a task, was last, or will be. */
export function rolesOfTask(run: Run, task: number): readonly Role[] {
  const record = run.tasks.get(task)!
  const present = record.current?.role ?? record.past.at(-1)?.role
  const names = present === undefined ? candidates(run.plan, run.plan.tasks[task]!) : [present]
  return run.plan.roles.filter(({ name }) => names.includes(name))
}
