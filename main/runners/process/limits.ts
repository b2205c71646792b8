import { assertNever } from '../../domain/assertNever.ts'
import type { Plan } from '../../domain/plan.ts'
import type { Resources } from '../../domain/project.ts'

const MIB = 1024 * 1024
/** As for containers. */
export const DEFAULTS = { cpus: 2, memoryBytes: 2048 * MIB, pids: 512 } as const
/** A shell and a small program; below this nothing starts. */
const MIN_MEMORY = 16 * MIB

/** What holds the agents of this machine to their limits. */
export type Enforcement =
  /** The kernel counts all processes of an agent together. */
  | { readonly by: 'cgroup'; readonly controllers: readonly string[] }
  /**
   * Each supervisor looks at its agent's processes every few seconds and ends an agent that is over its limits. Limits
   * of the system for single processes do not serve: by address space or data (`ulimit -v`, `-d`) Node counts for
   * many times what it uses, and the number of processes (`ulimit -u`) is that of the user, all others included.
   */
  | { readonly by: 'supervisor' }
  | { readonly by: 'nothing' }

export interface LimitValues {
  readonly cpus: number
  readonly memoryBytes: number
  readonly pids: number
}

export function limitsOf(resources: Resources): LimitValues {
  return {
    cpus: resources.cpus ?? DEFAULTS.cpus,
    memoryBytes: Math.max(MIN_MEMORY, resources.memoryBytes ?? DEFAULTS.memoryBytes),
    pids: resources.pids ?? DEFAULTS.pids,
  }
}

/** What a run has to know before its agents start, in words; most important first. */
export function caveatsOf(plan: Plan, enforcement: Enforcement): readonly string[] {
  const caveats = [
    'Not isolated: agents run as processes on this machine and can read and write whatever their user can. What they write beyond what they declared is found and reported.',
  ]
  const closed = plan.tasks.filter(({ network }) => network !== 'internet').length
  if (closed > 0) caveats.push(`Network limits are not enforced: ${tasks(closed)} could reach the internet.`)
  const loose = notEnforced(enforcement)
  if (loose !== '') caveats.push(`Not enforced here: ${loose}.`)
  if (hasImages(plan)) caveats.push('Images are not used: tasks find the programs of this machine.')
  return caveats
}

function notEnforced(enforcement: Enforcement): string {
  switch (enforcement.by) {
    case 'cgroup':
      return Object.entries({ cpu: 'CPU', memory: 'memory', pids: 'number of processes' })
        .filter(([controller]) => !enforcement.controllers.includes(controller))
        .map(([, name]) => `limits on ${name}`)
        .join(', ')
    case 'supervisor':
      return 'limits on CPU; memory and number of processes are looked at every few seconds'
    case 'nothing':
      return 'limits on CPU, memory and number of processes'
    default:
      return assertNever(enforcement, 'unknown enforcement')
  }
}

/** Images of the project's own: the program's default stands for no wish at all. */
function hasImages(plan: Plan): boolean {
  const images = [
    plan.image,
    ...plan.tasks.map(({ image }) => image),
    ...plan.roles.map(({ image }) => image),
  ]
  return images.some(
    (image) => image !== null && ('build' in image || !image.ref.startsWith('amphitheatre/agent')),
  )
}

function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}
