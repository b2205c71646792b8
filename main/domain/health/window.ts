import type { EventEnvelope } from '../events.ts'
import type { ProjectId, RoleName, RunId } from '../ids.ts'
import type { State } from '../state.ts'
import type { TerminationCause } from '../states.ts'

interface Seen {
  readonly at: number
  readonly project: ProjectId
  /** Null where its run left live state before it was looked at. */
  readonly role: RoleName | null
}

export interface SeenEnd extends Seen {
  readonly ok: boolean
}

export interface SeenStart extends Seen {
  /** From being given the work (and its locks) until it ran. */
  readonly ms: number
}

/** What happened lately, to make figures of. */
export interface Recent {
  /** Tasks that settled: completed, or failed for good. */
  readonly tasks: readonly SeenEnd[]
  /** Attempts that ended, in success or error. */
  readonly attempts: readonly SeenEnd[]
  readonly starts: readonly SeenStart[]
  /** A person was called about a task. */
  readonly calls: readonly (Seen & { readonly task: string })[]
}

/** How an attempt ends that says nothing about it: somebody wanted it so. */
const WANTED: readonly TerminationCause[] = ['stopped', 'cancelled']

/** Most of each kind that are kept, however short the time: the figures of a flood are those of its end. */
const MOST = 20_000

/**
 * Gathers from the log what health figures are made of. A fold of the events of the last while: an engine that starts
 * folds them again and has the same figures.
 */
export class HealthWindow {
  #tasks: SeenEnd[] = []
  #attempts: SeenEnd[] = []
  #starts: SeenStart[] = []
  #calls: (Seen & { readonly task: string })[] = []
  /** Given work and not begun, by attempt: since when. */
  readonly #given = new Map<string, number>()

  /** `state` is one after the event; any later one that still has the run does. */
  take(event: EventEnvelope, state: State): void {
    const { data, run, project, time } = event
    if (run === null || project === null || !('task' in data) || typeof data.task !== 'number') return
    const key = `${run}/${data.task}`
    const role = roleOf(state, run, data.task, 'attempt' in data ? (data.attempt ?? null) : null)
    const seen = { at: time, project, role }
    switch (data.type) {
      case 'task.assigned':
      case 'agent.unblocked':
        this.#given.set(key, time)
        return
      case 'agent.blocked':
        this.#given.delete(key)
        return
      case 'agent.started': {
        const since = this.#given.get(key)
        this.#given.delete(key)
        if (since !== undefined && !data.adopted) this.#starts.push({ ...seen, ms: time - since })
        return
      }
      case 'agent.terminated':
        this.#given.delete(key)
        if (!WANTED.includes(data.cause)) this.#attempts.push({ ...seen, ok: false })
        return
      case 'task.completed':
        this.#attempts.push({ ...seen, ok: true })
        this.#tasks.push({ ...seen, ok: true })
        return
      case 'task.failed':
        if (data.next === null && data.outcome === 'failed') this.#tasks.push({ ...seen, ok: false })
        return
      case 'attention.raised':
        this.#calls.push({ ...seen, task: key })
        return
      default:
        return
    }
  }

  /** Drops what is older than that, engine ms. */
  forget(before: number): void {
    const young = <T extends Seen>(list: T[]): T[] => {
      const first = list.findIndex(({ at }) => at >= before)
      const kept = first === -1 ? [] : first === 0 ? list : list.slice(first)
      return kept.length > MOST ? kept.slice(-MOST) : kept
    }
    this.#tasks = young(this.#tasks)
    this.#attempts = young(this.#attempts)
    this.#starts = young(this.#starts)
    this.#calls = young(this.#calls)
  }

  /** Those of which anything is kept. */
  projects(): ReadonlySet<ProjectId> {
    const lists: readonly (readonly Seen[])[] = Object.values(this.recent())
    return new Set(lists.flatMap((list) => list.map(({ project }) => project)))
  }

  recent(): Recent {
    return { tasks: this.#tasks, attempts: this.#attempts, starts: this.#starts, calls: this.#calls }
  }
}

function roleOf(state: State, run: RunId, index: number, attempt: number | null): RoleName | null {
  const task = state.runs.get(run)?.tasks.get(index)
  if (task === undefined) return null
  const { current, past } = task
  if (attempt === null) return current?.role ?? past.at(-1)?.role ?? null
  if (current?.n === attempt) return current.role
  return past.find(({ n }) => n === attempt)?.role ?? null
}
