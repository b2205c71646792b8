import type { Rejection, Report } from '../commands.ts'
import type { Effect } from '../effects.ts'
import type { ConditionKind, Measurement } from '../gates/gate.ts'
import { gateSpec } from '../gates/places.ts'
import { commitId, type RunId } from '../ids.ts'
import { type Driver, RUN } from './driver.ts'

/** What the outside world does to one attempt, in words. Each reports on the attempt under way. */

interface At {
  readonly run: RunId
  readonly task: number
  readonly attempt: number
}

export function at(driver: Driver, task: string, run: RunId = RUN): At {
  return { run, task: driver.index(task, run), attempt: driver.attempt(task, run).n }
}

export function prepared(run: RunId = RUN): Report {
  const base = commitId('b'.repeat(40))
  return { type: 'report.prepared', run, base, branch: 'main', tip: base, warnings: [] }
}

export function cut(place: At): Report {
  const commit = commitId('c'.repeat(40))
  return { type: 'report.cut', ...place, commit, path: '/w', mounts: [] }
}

export function started(place: At): Report {
  return { type: 'report.started', ...place, handle: 'h', adopted: false }
}

export function exited(
  place: At,
  code = 0,
  more: Partial<Extract<Report, { type: 'report.exited' }>> = {},
): Report {
  const fine = { handle: 'h', oomKilled: false, error: null, lagMs: 0, outputs: {}, outputsError: null }
  return { type: 'report.exited', ...place, ...fine, code, ...more }
}

export function lost(place: At): Report {
  return { type: 'report.lost', ...place, detail: 'nothing is known of it' }
}

export function committed(place: At, commit: string | null = 'd'.repeat(40)): Report {
  const lists = { changed: 1, undeclared: [], patch: null, refused: [], artifacts: null }
  return { type: 'report.committed', ...place, commit: commit === null ? null : commitId(commit), ...lists }
}

export function merged(place: At, tip = 'e'.repeat(40)): Report {
  return { type: 'report.merged', ...place, tip: commitId(tip) }
}

/** The queue's effect under way, with this result: a check ended, or the branch was moved. */
export function checked(
  driver: Driver,
  run: RunId = RUN,
  result: 'passed' | 'failed' | 'lost' = 'passed',
  detail = 'it broke',
): Report {
  const { check } = driver.run(run).mergeQueue!
  const { n, move } = check!
  const [from, to] = [commitId('e'.repeat(40)), commitId('f'.repeat(40))]
  if (move !== null) return { type: 'report.advanced', run, check: n, tip: move.to }
  return { type: 'report.check-ended', run, check: n, result, from, to, detail }
}

/** An evaluation of a gate finds that all is well, or that commands failed and reports cannot be read. */
export function evaluatedGate(driver: Driver, { run, gate: number }: Effect, passes = true): Report {
  const record = driver.run(run).gates!.records.find((one) => one.number === number)!
  const { conditions } = gateSpec(driver.run(run).plan, record.gate)
  const measured = conditions.map(({ kind }) => ({ found: foundBy(kind, passes), reports: [] }))
  return { type: 'report.gate-evaluated', run, number: number!, commit: driver.run(run).tip, measured }
}

function foundBy(kind: ConditionKind, passes: boolean): Measurement {
  if (kind === 'approval') return { kind }
  if (kind === 'command') return { kind, passed: passes, detail: passes ? '' : 'exit code 1' }
  if (kind === 'files' || kind === 'absent') return { kind: 'paths', paths: passes ? [] : ['a'], more: 0 }
  return { kind: 'unreadable', text: 'there is no report' }
}

export function conflicted(place: At): Report {
  return { type: 'report.merge-conflict', ...place, files: ['src/a.ts'] }
}

/** Starts the agent of an assigned task; its workspace is cut first where it needs one. */
export function start(driver: Driver, ...names: readonly string[]): void {
  for (const name of names) {
    if (driver.attempt(name).effects.includes('workspace.cut')) driver.must(cut(at(driver, name)))
    driver.must(started(at(driver, name)))
  }
}

/** Starts it where need be and lets it end with `code`. */
export function end(driver: Driver, name: string, code: number): void {
  if (driver.attempt(name).state === 'WAITING') start(driver, name)
  driver.must(exited(at(driver, name), code))
}

/** All the way to COMPLETED. */
export function finish(driver: Driver, ...names: readonly string[]): void {
  for (const name of names) {
    end(driver, name, 0)
    if (driver.task(name).current?.effects.includes('work.commit')) driver.must(committed(at(driver, name)))
    if (driver.task(name).current?.effects.includes('work.merge')) driver.must(merged(at(driver, name)))
  }
}

/** One attempt that fails. */
export function fail(driver: Driver, ...names: readonly string[]): void {
  for (const name of names) end(driver, name, 1)
}

export function retry(driver: Driver, task: string): Rejection | undefined {
  return driver.send({ type: 'task.retry', run: RUN, task })
}

export function skip(driver: Driver, task: string): Rejection | undefined {
  return driver.send({ type: 'task.skip', run: RUN, task })
}

export function rerun(driver: Driver, task: string): Rejection | undefined {
  return driver.send({ type: 'task.rerun', run: RUN, task })
}

export function stopRun(driver: Driver, force = false): Rejection | undefined {
  return driver.send({ type: 'run.stop', run: RUN, force })
}

export function stopAgent(driver: Driver, task: string, force = false): Rejection | undefined {
  return driver.send({ type: 'agent.stop', run: RUN, task, force })
}
