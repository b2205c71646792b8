import { join } from 'node:path'
import type { AttemptId, ProjectId, RunId } from '../domain/ids.ts'
import { attemptId, parseAttemptId, taskId } from '../domain/ids.ts'
import type { RunRef } from '../engine/ports/workspaces.ts'
import { permanent } from './errors.ts'

/**
 * Where things lie, all under `<data>/projects/<project>/`:
 * - `hub.git`: the bare hub repository; runs live in its refs
 * - `artifacts/<sha256>`: git-ignored files handed on, and their manifests, by content
 * - `runs/<run>/run.json`: what `prepareRun` answered
 * - `runs/<run>/<task>-<n>/`: one attempt; `work` is the agent's, everything beside it the engine's
 */
export interface AttemptPaths {
  readonly folder: string
  readonly work: string
  /** git index of the cut with the stat of every file as placed: what `commit` compares with. */
  readonly index: string
  /** Written last; a folder without it is half made. */
  readonly marker: string
}

export interface RunRefs {
  readonly all: string
  readonly base: string
  readonly tip: string
  attempt(task: string, attempt: number): string
  cut(task: string, attempt: number): string
  /** Blob with the answer of `commit`, so that a repeat gives the same even without the clone. */
  result(task: string, attempt: number): string
  /** What an attempt had done when it last was kept; nothing is built on it. */
  checkpoint(task: string, attempt: number): string
  /** What an attempt wrote without holding it, the `count`-th time; nothing is built on it. */
  aside(task: string, attempt: number, count: number | string): string
  /** Rollback point: the tip before this commit was merged. */
  beforeMerge(task: string, commit: string): string
  /** Rollback point: the user's branch before the run was applied. */
  readonly beforeApply: string
}

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** Names become folders and refs: anything that could climb out of them is refused here, once. */
function safe(name: string, what: string): string {
  if (SAFE_NAME.test(name)) return name
  throw permanent(
    `${what} ${JSON.stringify(name)} cannot name a folder`,
    'Use letters, digits, `_`, `.` and `-`, starting with a letter or digit.',
  )
}

/** git forbids `..`, a dot at the end and `.lock` in refs; `%` cannot be in a name, so no two names meet. */
export function refPart(name: string): string {
  return name.replace(/\.(?=\.|$|lock$)/g, '%2E')
}

export function projectFolder(dataDir: string, project: ProjectId): string {
  return join(dataDir, 'projects', safe(project, 'project'))
}

export function runFolder(dataDir: string, run: { project: ProjectId; run: RunId }): string {
  return join(projectFolder(dataDir, run.project), 'runs', safe(run.run, 'run'))
}

export function attemptPaths(dataDir: string, run: RunRef, attempt: AttemptId): AttemptPaths {
  const { task, number } = attemptParts(run, attempt)
  return pathsIn(join(runFolder(dataDir, run), `${task}-${number}`))
}

export function pathsIn(folder: string): AttemptPaths {
  return {
    folder,
    work: join(folder, 'work'),
    index: join(folder, 'index'),
    marker: join(folder, 'cut.json'),
  }
}

export function attemptParts(run: RunRef, attempt: AttemptId): { task: string; number: number } {
  const parts = parseAttemptId(attempt)
  if (parts === undefined || parts.run !== run.run) {
    throw permanent(`attempt ${attempt} is not of run ${run.run}`, 'This is a defect; please report it.')
  }
  return { task: safe(parts.task, 'task'), number: parts.attempt }
}

/** The inverse of the folder name; undefined for whatever else lies there. */
export function attemptOfFolder(run: RunId, folder: string): AttemptId | undefined {
  const match = /^([A-Za-z0-9].*)-(\d+)$/.exec(folder)
  return match === null ? undefined : attemptId(run, taskId(match[1]!), Number(match[2]))
}

export function runRefs(run: RunId): RunRefs {
  const all = `refs/amphitheatre/runs/${refPart(safe(run, 'run'))}`
  const of = (kind: string) => (task: string, last: number | string) =>
    `${all}/${kind}/${refPart(safe(task, 'task'))}/${last}`
  return {
    all,
    base: `${all}/base`,
    tip: `${all}/tip`,
    attempt: of('attempts'),
    cut: of('cuts'),
    result: of('results'),
    checkpoint: of('checkpoints'),
    aside: (task, attempt, count) => `${of('asides')(task, attempt)}/${count}`,
    beforeMerge: of('before'),
    beforeApply: `${all}/before-apply`,
  }
}
