import type { Request } from '../locks/changes.ts'
import type { Lock } from '../locks/lock.ts'
import type { AgentState, TerminationCause } from '../states.ts'

/**
 * An agent that somebody started by hand: no run, no container. It works in a folder of the user's own, declares what it
 * is going to change, and holds that under its id in the project's lock table like any other. Its id has no `/`, so it
 * is never taken for an attempt.
 */
export interface Registered {
  /** `agent-3`: the third ever registered in its project. */
  readonly id: string
  readonly name: string
  /** Globs relative to the repository: what it changes, and what nobody may change meanwhile. */
  readonly files: readonly string[]
  readonly reads: readonly string[]
  /** Resources, held alone. */
  readonly uses: readonly string[]
  /** 1 first, 5 last. */
  readonly priority: number
  /** Ids of agents before it. */
  readonly after: readonly string[]
  /** Whether it begins only when those have completed; otherwise they are only said to come before it. */
  readonly waits: boolean
  /** The group of the project file it was registered with. */
  readonly session: string | null
  /** Where it works, an absolute path. */
  readonly folder: string
  /** Its process, where it was told; its life is a sign of life. */
  readonly process: ProcessRef | null
  /** The file its output goes to, an absolute path. */
  readonly log: string | null
  /** Paths that had been changed in its folder before it came. */
  readonly dirty: readonly string[]
  /** RUNNING time after which it is terminated, ms; null: no limit. */
  readonly limitMs: number | null
  readonly state: AgentState
  readonly registeredAt: number
  readonly startedAt: number | null
  /** Last sign of life on record, ms; it is recorded once a minute at most. */
  readonly activeAt: number
  readonly endedAt: number | null
  /** While BLOCKED: whom it came to wait for. */
  readonly behind: readonly string[]
  /** While in CONFLICT: which one. */
  readonly conflict: string | null
  /** Who asked it to come to an end; null while nobody has. */
  readonly stopAskedBy: string | null
  readonly cause: TerminationCause | null
  readonly detail: string
  /** The commit of its work; null where it made none, or nobody said. */
  readonly commit: string | null
  /** What its process is still to be sent. */
  readonly signal: Signal | null
}

/** One process of this machine for ever: ids are given out again, with the start time and the boot they are not. */
export interface ProcessRef {
  readonly pid: number
  readonly start: string
  readonly boot: string
}

export type Signal = 'SIGTERM' | 'SIGKILL'

/** Without a sign of life for so long, ms, what it holds goes to others. */
export const LEASE_MS = 10 * 60_000
/** Signs of life that come closer together, ms, are not recorded each. */
export const RENEW_MS = 60_000
/** Ended ones that live state keeps, for looking. */
export const KEPT_ENDED = 40

export function isOver({ state }: Pick<Registered, 'state'>): boolean {
  return state === 'COMPLETED' || state === 'TERMINATED'
}

/** Has it what it declared? */
export function isAtWork({ state }: Pick<Registered, 'state'>): boolean {
  return state === 'RUNNING' || state === 'COMPLETING' || state === 'CONFLICT'
}

/** When it is given up, engine ms; null while it holds nothing that could be. */
export function leaseEnd(agent: Registered): number | null {
  return agent.state === 'RUNNING' || agent.state === 'CONFLICT' ? agent.activeAt + LEASE_MS + RENEW_MS : null
}

export function locksOf({
  files,
  reads,
  uses,
}: Pick<Registered, 'files' | 'reads' | 'uses'>): readonly Lock[] {
  return [
    ...files.map((on): Lock => ({ kind: 'files', on, mode: 'exclusive' })),
    ...reads.filter((on) => !files.includes(on)).map((on): Lock => ({ kind: 'files', on, mode: 'shared' })),
    ...uses.map((on): Lock => ({ kind: 'resource', on, mode: 'exclusive' })),
  ]
}

export function requestOf(agent: Registered, now: number): Request {
  return { holder: agent.id, locks: locksOf(agent), priority: agent.priority, since: now, begun: false }
}

type All = Readonly<Record<string, Registered>>

/**
 * What people write for one: its id, its name in any case (the newest, one that is not over before one that is), or its
 * id with more words to it (`agent-1-database`).
 */
export function findRegistered(all: All, reference: string): Registered | undefined {
  if (Object.hasOwn(all, reference)) return all[reference]
  const wanted = slug(reference)
  const named = Object.values(all).filter(({ name }) => slug(name) === wanted)
  const found = named.findLast((agent) => !isOver(agent)) ?? named.at(-1)
  if (found !== undefined) return found
  const id = /^(agent-\d+)-/.exec(reference)?.[1]
  return id !== undefined && Object.hasOwn(all, id) ? all[id] : undefined
}

/** `Backend API Agent` and `backend-api-agent` are one name; one without letters is itself. */
export function slug(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
  return words === '' ? name.trim() : words
}

/** Letters of a name; globs, and resources, of each kind that one declares. */
export const MOST_LETTERS = 200
export const MOST_DECLARED = 200
/** Letters of one of those. */
export const LONGEST_GLOB = 1_000

/** What is wrong with a name, or undefined. It is printed on lines of its own, so it is one. */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '') return 'a name must not be empty'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) return 'a name is one line without control characters'
  if (name.length > MOST_LETTERS) return `this name has ${name.length} letters; ${MOST_LETTERS} are the most`
  return undefined
}

/** `agent-3 (Database Agent)`. */
export function registeredName({ id, name }: Pick<Registered, 'id' | 'name'>): string {
  return `${id} (${name})`
}
