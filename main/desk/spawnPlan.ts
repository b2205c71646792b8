import { nearest, planFor } from '../config/index.ts'
import { type RoleName, taskId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import {
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type NetworkPolicy,
  type Project,
  type TaskSpec,
} from '../domain/project.ts'
import { isReserved } from '../domain/talk/address.ts'

/** An agent without an epic: one command, run by one role. */
export interface SpawnWish {
  readonly role: string
  readonly command: string
  /** Globs, checked already. */
  readonly writes?: readonly string[]
  readonly timeoutMs?: number | null
  readonly network?: NetworkPolicy
}

export type SpawnPlan =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

const EPIC = 'spawn'

export function spawnPlan(project: Project, wish: SpawnWish): SpawnPlan {
  const { command } = wish
  if (command.trim() === '') {
    return { ok: false, reason: 'The task is empty.', remedy: 'Say what to run, for example "npm test".' }
  }
  const role = project.roles.find(({ name }) => name === wish.role)?.name
  if (role === undefined) return noSuchRole(project, wish.role)
  const epic = {
    id: EPIC,
    title: command.length > 60 ? `${command.slice(0, 59)}…` : command,
    phases: [{ name: 'Task', mode: 'tasks' as const }],
    tasks: [taskOf(role, wish)],
  }
  return { ok: true, plan: planFor({ ...project, epics: [epic] }, EPIC)! }
}

function noSuchRole(project: Project, wanted: string): SpawnPlan {
  const names = project.roles.map(({ name }) => String(name))
  const word = nearest(wanted, names)
  const known = `Roles of this project: ${names.join(', ')}.`
  return {
    ok: false,
    reason: `There is no role "${wanted}".`,
    remedy: word === undefined ? known : `Did you mean ${word}? ${known}`,
  }
}

function taskOf(role: RoleName, { command, writes, timeoutMs, network }: SpawnWish): TaskSpec {
  return {
    id: taskId(slug(command)),
    title: command,
    phase: 0,
    kind: 'work',
    role,
    skills: [],
    run: command,
    env: {},
    image: null,
    network: network ?? 'run',
    workspace: 'repo',
    needs: [],
    needsSoft: [],
    reads: [],
    writes: writes ?? [],
    uses: [],
    priority: 3,
    points: null,
    dueMs: null,
    timeoutMs: timeoutMs ?? null,
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'ask',
    resources: DEFAULT_RESOURCES,
  }
}

/** A name made of the command's first words: `npm test` is `npm-test`. */
export function slug(command: string): string {
  const words = command
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const name = words.slice(0, 24).replace(/-+$/, '') || 'task'
  return isReserved(name) ? `run-${name}` : name
}
