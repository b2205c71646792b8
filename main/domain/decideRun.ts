import { assertNever } from './assertNever.ts'
import { raise, resolve } from './attention.ts'
import { checkPlan } from './checkPlan.ts'
import type { Command } from './commands.ts'
import { clashWarnings } from './conflicts/learning.ts'
import { type Draft, reject, type Verdict } from './draft.ts'
import { failAttempt } from './failure.ts'
import type { RunId } from './ids.ts'
import { leaveQueue } from './merging/leaving.ts'
import { applyPointKey } from './points/point.ts'
import { makePoint } from './points/takePoints.ts'
import { hasNoProcess, type Run, standsAtGates } from './state.ts'
import { declareTargets } from './targets/recordTargets.ts'

type Of<T extends Command['type']> = Extract<Command, { type: T }>
export type RunCommand = Of<
  | 'project.register'
  | 'run.start'
  | 'run.recall'
  | 'run.pause'
  | 'run.continue'
  | 'run.stop'
  | 'run.apply'
  | 'run.discard'
  | 'report.prepared'
  | 'report.applied'
  | 'report.apply-refused'
  | 'report.discarded'
>

/** Finished runs kept in live state, so that the last ones can be looked at and retried at once. */
export const KEPT_RUNS = 8
/** And only while they have no more tasks than this in all, the newest apart: live state follows what is going on. */
export const KEPT_TASKS = 2_000

export function decideRun(draft: Draft, command: RunCommand): Verdict {
  switch (command.type) {
    case 'project.register':
      return register(draft, command)
    case 'run.start':
      return startRun(draft, command)
    case 'run.recall':
      if (command.snapshot.id !== command.run)
        return reject('invalid', `that is run ${command.snapshot.id}, not ${command.run}`)
      if (draft.state.runs.has(command.run)) return reject('stale', `run ${command.run} is live already`)
      draft.emit(
        { project: command.snapshot.project, run: command.run },
        { type: 'run.recalled', snapshot: command.snapshot },
      )
      return undefined
    case 'run.pause':
    case 'run.continue':
      return pause(draft, command.run, command.type === 'run.pause')
    case 'run.stop':
      return stop(draft, command.run, command.force)
    case 'run.apply':
    case 'run.discard':
      return deliver(draft, command.run, command.type)
    case 'report.prepared':
      return prepared(draft, command)
    case 'report.applied':
    case 'report.apply-refused':
    case 'report.discarded':
      return delivered(draft, command)
    default:
      return assertNever(command, 'unknown command')
  }
}

export function isOver(run: Run): boolean {
  return run.status === 'completed' || run.status === 'failed' || run.status === 'stopped'
}

function register(draft: Draft, command: Of<'project.register'>): Verdict {
  const { project, root, name, folded = false } = command
  const known = draft.state.projects.get(project)
  const isKnown = known?.root === root && known.name === name && known.locks.folded === folded
  if (isKnown) return undefined
  const disk = folded ? { folded } : {}
  draft.emit({ project, run: null }, { type: 'project.registered', root, name, ...disk })
  return undefined
}

/** Begins a run: asked for, or called for by something on record. */
export function startRun(draft: Draft, command: Omit<Of<'run.start'>, 'type'>): Verdict {
  const { run, plan, runner } = command
  const project = draft.state.projects.get(command.project)
  if (project === undefined) return reject('unknown', `project ${command.project} is not registered`)
  if (draft.state.runs.has(run)) return reject('invalid', `run ${run} exists already`)
  const flaw = checkPlan(plan)
  if (flaw !== undefined) return reject('invalid', `epic ${plan.epic}: ${flaw}`)
  retireOldest(draft)
  const numbers = project.runNumbers
  const number = (Object.hasOwn(numbers, plan.epic) ? numbers[plan.epic]! : 0) + 1
  draft.emit({ project: project.id, run }, { type: 'run.started', number, root: project.root, runner, plan })
  declareTargets(draft, project.id, run, plan)
  return undefined
}

/** Makes room for one more run. */
function retireOldest(draft: Draft): void {
  const over = [...draft.state.runs.values()].filter((run) => isOver(run) && run.effects.length === 0)
  let tasks = over.reduce((sum, run) => sum + run.tasks.length, 0)
  over.forEach((run, i) => {
    const newest = i === over.length - 1
    if (newest || (over.length - i < KEPT_RUNS && tasks <= KEPT_TASKS)) return
    tasks -= run.tasks.length
    draft.emitRun(run.id, { type: 'run.retired' })
  })
}

function pause(draft: Draft, id: RunId, wanted: boolean): Verdict {
  const run = draft.state.runs.get(id)
  if (run === undefined) return reject('unknown', `there is no run ${id}`)
  if (isOver(run) || run.status === 'stopping') return reject('not-now', `run ${id} is ${run.status}`)
  if (run.paused === wanted) return undefined
  draft.emitRun(id, { type: wanted ? 'run.paused' : 'run.continued' })
  for (let task = 0; task < run.tasks.length; task++) {
    const attempt = run.tasks.get(task)!.current
    if (attempt?.state !== 'RUNNING' || attempt.paused === wanted || attempt.stopping !== null) continue
    draft.emitRun(id, { type: wanted ? 'agent.pausing' : 'agent.resuming', task, attempt: attempt.n })
  }
  return undefined
}

function stop(draft: Draft, id: RunId, force: boolean): Verdict {
  const run = draft.state.runs.get(id)
  if (run === undefined) return reject('unknown', `there is no run ${id}`)
  if (isOver(run)) return reject('not-now', `run ${id} is over already (${run.status})`)
  if (run.status === 'stopping' && (run.stop!.force || !force)) return undefined
  draft.emitRun(id, { type: 'run.stopping', force })
  for (let task = 0; task < run.tasks.length; task++) stopAttempt(draft, id, task, force)
  return undefined
}

function stopAttempt(draft: Draft, run: RunId, task: number, force: boolean): void {
  const attempt = draft.run(run).tasks.get(task)!.current
  if (attempt === null) return
  if (hasNoProcess(attempt) || attempt.state === 'BLOCKED' || standsAtGates(attempt)) {
    failAttempt(draft, run, task, { cause: 'stopped', detail: 'the run was stopped', code: null })
    return
  }
  if (attempt.queuedAt !== undefined) {
    leaveQueue(draft, run, task, 'the run was stopped')
    return
  }
  if (attempt.state === 'COMPLETING' || (attempt.state === 'TIMEOUT' && !force)) return
  draft.emitRun(run, { type: 'agent.stopping', task, attempt: attempt.n, cause: 'stopped', force })
}

function deliver(draft: Draft, id: RunId, type: 'run.apply' | 'run.discard'): Verdict {
  const run = draft.state.runs.get(id)
  if (run === undefined) return reject('unknown', `there is no run ${id}`)
  if (!isOver(run)) return reject('not-now', `run ${id} is still ${run.status}; wait for it or stop it first`)
  if (run.tip === null) return reject('invalid', `run ${id} has no work in git`)
  if (run.effects.includes(type)) return undefined
  if (run.effects.length > 0) return reject('not-now', `${run.effects[0]} is under way for run ${id}`)
  const done = type === 'run.apply' ? 'applied' : 'discarded'
  if (run.delivery === done) return undefined
  if (run.delivery !== 'none') return reject('not-now', `run ${id} was ${run.delivery} already`)
  draft.emitRun(id, { type: `${type}-requested` })
  return undefined
}

function prepared(draft: Draft, command: Of<'report.prepared'>): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined || isOver(run) || !run.effects.includes('run.prepare'))
    return reject('stale', 'not being prepared')
  const { base, branch, tip } = command
  const { clashes } = draft.state.projects.get(run.project)!
  const warnings = [...command.warnings, ...clashWarnings(run.plan, clashes)]
  draft.emitRun(run.id, { type: 'run.prepared', base, branch, tip, warnings })
  return undefined
}

/** Where the branch stood before: kept in the hub since before it moved, on record together with that it did. */
function keepBefore(draft: Draft, run: Run, { branch, commit, before }: Of<'report.applied'>): void {
  if (before === undefined || before === null || before === commit) return
  makePoint(draft, run.project, {
    key: applyPointKey(run.id),
    target: null,
    why: 'apply',
    name: null,
    git: { branch, commit: before },
    release: null,
    database: null,
    environment: {},
    bytes: 0,
  })
}

function delivered(
  draft: Draft,
  command: Of<'report.applied' | 'report.apply-refused' | 'report.discarded'>,
): Verdict {
  const run = draft.state.runs.get(command.run)
  const effect = command.type === 'report.discarded' ? 'run.discard' : 'run.apply'
  if (run === undefined || !run.effects.includes(effect)) return reject('stale', `no ${effect} is under way`)
  const settled = command.type !== 'report.apply-refused'
  for (const { id } of run.attention)
    if (settled || id === 'apply-refused') resolve(draft, run.id, id, 'over')
  switch (command.type) {
    case 'report.applied':
      keepBefore(draft, run, command)
      draft.emitRun(run.id, { type: 'run.applied', branch: command.branch, commit: command.commit })
      return undefined
    case 'report.discarded':
      draft.emitRun(run.id, { type: 'run.discarded' })
      return undefined
    case 'report.apply-refused':
      draft.emitRun(run.id, { type: 'run.apply-refused', reason: command.reason, remedy: command.remedy })
      raise(draft, run.id, null, 'apply-refused', `${command.reason} ${command.remedy}`, ['apply', 'discard'])
      return undefined
    default:
      return assertNever(command, 'unknown command')
  }
}
