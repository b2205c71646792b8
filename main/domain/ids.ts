/** Branded identifiers. They are plain strings at run time; the brand keeps one kind out of another's place. */
declare const brand: unique symbol
type Brand<B extends string> = string & { readonly [brand]: B }

/** A project registered in a data folder. */
export type ProjectId = Brand<'ProjectId'>
/** One execution of an epic; time-ordered, unique in a data folder. */
export type RunId = Brand<'RunId'>
/** A task's name in its epic, as written in the project file; `count` expands it to `name-1`, `name-2`. */
export type TaskId = Brand<'TaskId'>
/** A role's name in the registry. */
export type RoleName = Brand<'RoleName'>
/** One attempt of one task, `<run>/<task>#<n>`: the idempotency key of everything done for it. */
export type AttemptId = Brand<'AttemptId'>
/** A command's id; the same id dispatched twice takes effect once. */
export type CommandId = Brand<'CommandId'>
/** A git object name, 40 or 64 hex digits. */
export type CommitId = Brand<'CommitId'>

export const projectId = (value: string): ProjectId => value as ProjectId
export const runId = (value: string): RunId => value as RunId
export const taskId = (value: string): TaskId => value as TaskId
export const roleName = (value: string): RoleName => value as RoleName
export const commandId = (value: string): CommandId => value as CommandId
export const commitId = (value: string): CommitId => value as CommitId

/** What may name a task, role, epic or project: it ends up in file names, git refs and container labels. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

export function attemptId(run: RunId, task: TaskId, attempt: number): AttemptId {
  return `${run}/${task}#${attempt}` as AttemptId
}

export interface AttemptParts {
  readonly run: RunId
  readonly task: TaskId
  readonly attempt: number
}

/** The inverse of `attemptId`; undefined for anything else. */
export function parseAttemptId(id: string): AttemptParts | undefined {
  const match = /^([^/#]+)\/([^/#]+)#(\d+)$/.exec(id)
  if (match === null) return undefined
  return { run: runId(match[1]!), task: taskId(match[2]!), attempt: Number(match[3]) }
}

/** How people see an agent: `BuildMaster/compile-api#1` (semantics: one execution of a task attempt by a role). */
export function agentName(role: RoleName, task: TaskId, attempt: number): string {
  return `${role}/${task}#${attempt}`
}
