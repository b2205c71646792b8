import { nearest } from '../config/nearest.ts'
import { GATE_CHECK } from '../domain/gates/places.ts'
import {
  type AttemptId,
  attemptId,
  type ProjectId,
  type RoleName,
  type RunId,
  taskId,
} from '../domain/ids.ts'
import { MERGE_CHECK } from '../domain/merging/mergePolicy.ts'
import { planIndex } from '../domain/plan.ts'
import { stateFromJson } from '../domain/serialise.ts'
import type { Run, State } from '../domain/state.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'

/** What people type for a run or an agent, and what it stands for. */

/** A run as far as naming it goes; `live` where it is still in the engine's state. */
export interface KnownRun {
  readonly id: RunId
  readonly project: ProjectId
  readonly epic: string
  readonly number: number
  readonly title: string
  readonly status: string
  readonly startedAt: number
  readonly endedAt: number | null
  /** JSON of its summary; null while it is under way. */
  readonly summary: string | null
  readonly live: Run | undefined
}

export interface KnownAgent {
  readonly run: KnownRun
  readonly task: string
  /** Index in the plan; undefined for runs that left live state. */
  readonly index: number | undefined
  readonly attempt: number
  readonly id: AttemptId
}

export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

/** How far back runs can be named by a number or the beginning of their id. */
const RUNS_LOOKED_AT = 1_000
/** Shorter beginnings of an id would be taken by accident. */
const SHORTEST_PREFIX = 4
const EVENTS_AT_ONCE = 5_000

/** Newest first. */
export async function knownRuns(center: ControlCenter, state?: State): Promise<readonly KnownRun[]> {
  const live = state ?? stateFromJson(await center.snapshot())
  const runs = new Map<RunId, KnownRun>()
  for (const row of await center.runs({ limit: RUNS_LOOKED_AT })) {
    runs.set(row.run, { ...row, id: row.run, live: undefined })
  }
  for (const run of live.runs.values()) {
    const { id, project, number, status, startedAt, endedAt, plan } = run
    const summary = runs.get(id)?.summary ?? null
    runs.set(id, {
      id,
      project,
      epic: plan.epic,
      number,
      title: plan.title,
      status,
      startedAt,
      endedAt,
      summary,
      live: run,
    })
  }
  return [...runs.values()].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
}

/** `latest`, an id, a beginning of one that no other run has, or `ship#3`. */
export function findRun(runs: readonly KnownRun[], reference: string): Found<KnownRun> {
  if (runs.length === 0) return { ok: false, reason: 'There are no runs yet.' }
  if (reference === 'latest') return { ok: true, value: runs[0]! }
  const exact = runs.find((run) => run.id === reference)
  if (exact !== undefined) return { ok: true, value: exact }
  const numbered = runs.filter((run) => `${run.epic}#${run.number}` === reference)
  const begun = reference.length < SHORTEST_PREFIX ? [] : runs.filter((run) => run.id.startsWith(reference))
  return only(numbered.length > 0 ? numbered : begun, reference) ?? noRun(runs, reference)
}

function only(matches: readonly KnownRun[], reference: string): Found<KnownRun> | undefined {
  if (matches.length === 0) return undefined
  if (matches.length === 1) return { ok: true, value: matches[0]! }
  const ids = matches.slice(0, 4).map((run) => run.id)
  return { ok: false, reason: `"${reference}" could be ${ids.join(', ')}: write more of the id.` }
}

function noRun(runs: readonly KnownRun[], reference: string): Found<KnownRun> {
  const word = nearest(reference, ['latest', ...runs.map((run) => `${run.epic}#${run.number}`)])
  const hint = word === undefined ? '`amphi runs` lists them.' : `Did you mean ${word}?`
  return { ok: false, reason: `There is no run "${reference}". ${hint}` }
}

/**
 * `BuildMaster/compile-api#1`, `compile-api#2`, a task's id (its last attempt), or with its run, by its id or as every
 * list shows it: `ship#3/compile-api#1`.
 */
export interface AgentReference {
  readonly before: string | undefined
  readonly task: string
  readonly attempt: number | undefined
}

export function parseAgent(reference: string): AgentReference | undefined {
  const match = /^(?:([^/#]+(?:#\d+)?)\/)?([^/#]+)(?:#(\d+))?$/.exec(reference)
  if (match === null) return undefined
  return { before: match[1], task: match[2]!, attempt: match[3] === undefined ? undefined : Number(match[3]) }
}

/** Looks in the newest run first. `center` is asked only about runs that left live state. */
export async function findAgent(
  center: ControlCenter,
  runs: readonly KnownRun[],
  reference: string,
): Promise<Found<KnownAgent>> {
  const wanted = parseAgent(reference)
  if (wanted === undefined)
    return { ok: false, reason: `"${reference}" does not name an agent: write for example compile-api#1.` }
  const { before } = wanted
  const isRun = runs.some(({ id, epic, number }) => id === before || `${epic}#${number}` === before)
  const ofRun = isRun ? findRun(runs, before!) : undefined
  if (ofRun?.ok === false) return ofRun
  const named = ofRun?.value
  const role = named === undefined ? wanted.before : undefined
  for (const run of named === undefined ? runs : [named]) {
    const attempts =
      run.live === undefined
        ? await pastAttempts(center, run, wanted.task)
        : liveAttempts(run.live, wanted.task)
    const fitting = attempts.filter((it) => role === undefined || it.role === null || it.role === role)
    const found =
      wanted.attempt === undefined ? fitting.at(-1) : fitting.find(({ n }) => n === wanted.attempt)
    if (found === undefined) continue
    const index = run.live === undefined ? undefined : planIndex(run.live.plan).byId.get(taskId(wanted.task))
    return {
      ok: true,
      value: {
        run,
        task: wanted.task,
        index,
        attempt: found.n,
        id: attemptId(run.id, taskId(wanted.task), found.n),
      },
    }
  }
  return { ok: false, reason: noAgent(runs, reference, wanted.task) }
}

interface KnownAttempt {
  readonly n: number
  /** Null where the history does not say. */
  readonly role: RoleName | string | null
}

function liveAttempts(run: Run, task: string): readonly KnownAttempt[] {
  const index = planIndex(run.plan).byId.get(taskId(task))
  if (index === undefined) {
    if (task === GATE_CHECK) return checks(run.gates?.last ?? 0)
    return task === MERGE_CHECK ? checks(run.mergeQueue?.lastCheck ?? 0) : []
  }
  const { past, current } = run.tasks.get(index)!
  return current === null ? past : [...past, current]
}

/** Checks before merges are nobody's attempts, but have output like them. */
function checks(last: number): readonly KnownAttempt[] {
  return Array.from({ length: last }, (_, i) => ({ n: i + 1, role: null }))
}

async function pastAttempts(
  center: ControlCenter,
  run: KnownRun,
  task: string,
): Promise<readonly KnownAttempt[]> {
  const row = (await center.tasks(run.id)).find((known) => known.task === task)
  if (row === undefined) return task === MERGE_CHECK ? checks(await lastCheck(center, run.id)) : []
  return Array.from({ length: row.attempts }, (_, i) => ({
    n: i + 1,
    role: i + 1 === row.attempts ? row.role : null,
  }))
}

/** Of a run that left live state; 0 where nothing was checked. */
async function lastCheck(center: ControlCenter, run: RunId): Promise<number> {
  let last = 0
  let after = 0
  for (;;) {
    const events = await center.history({ after, limit: EVENTS_AT_ONCE, run })
    for (const { data } of events) if (data.type === 'merge.check-started') last = data.check
    if (events.length < EVENTS_AT_ONCE) return last
    after = events.at(-1)!.seq
  }
}

function noAgent(runs: readonly KnownRun[], reference: string, task: string): string {
  const tasks = runs.flatMap((run) => run.live?.plan.tasks.map((spec) => String(spec.id)) ?? [])
  if (tasks.includes(task)) return `No agent has worked on ${reference} yet.`
  const word = nearest(task, tasks)
  return `There is no agent "${reference}".${word === undefined ? ' `amphi agent list --all` lists them.' : ` Did you mean ${word}?`}`
}

/** The newest run that has this task. */
export async function findTask(
  center: ControlCenter,
  runs: readonly KnownRun[],
  task: string,
): Promise<Found<KnownRun>> {
  for (const run of runs) {
    const has =
      run.live === undefined
        ? (await center.tasks(run.id)).some((row) => row.task === task)
        : planIndex(run.live.plan).byId.has(taskId(task))
    if (has) return { ok: true, value: run }
  }
  if (runs.length === 0) return { ok: false, reason: 'There are no runs yet.' }
  const word = nearest(
    task,
    runs.flatMap((run) => run.live?.plan.tasks.map((spec) => String(spec.id)) ?? []),
  )
  const where = runs.length === 1 ? `${runs[0]!.epic}#${runs[0]!.number} has` : 'No run has'
  const no = runs.length === 1 ? 'no' : 'a'
  return {
    ok: false,
    reason: `${where} ${no} task "${task}".${word === undefined ? '' : ` Did you mean ${word}?`}`,
  }
}
