import { gatesAfter, gatesBefore, gatesOfPhase, letsPass } from '../gates/places.ts'
import { type Plan, planIndex } from '../plan.ts'
import type { TaskKind, TaskSpec } from '../project.ts'
import type { PastAttempt, Run } from '../state.ts'
import { type Rule, type RuleName, ruleOf, underRule } from './rule.ts'

/** What must have been done before a task of one kind may begin. */
interface Obligation {
  readonly rule: RuleName
  readonly of: TaskKind
  /** Kind of task that meets it, by completing. */
  readonly by: TaskKind
  /** Each time anew: what was done before the last task of kind `of` counts no more. */
  readonly since: boolean
  /** Gates before it meet it as well. */
  readonly byGates: boolean
  readonly words: string
}

const OBLIGATIONS: readonly Obligation[] = [
  {
    rule: 'gate-before-deploy',
    of: 'deploy',
    by: 'check',
    since: false,
    byGates: true,
    words: 'deploys, and no gate or check before it has passed',
  },
  {
    rule: 'backup-before-schema-change',
    of: 'migrate',
    by: 'backup',
    since: true,
    byGates: false,
    words: 'changes the schema, and no backup was made since the last change',
  },
]

/** By what it does to the world, whatever it is called. */
function does({ kind, action }: TaskSpec, what: TaskKind): boolean {
  return kind === what || action?.do === what
}

/** Why a plan can never follow the project's rules; undefined when it can. */
export function planAgainstRules(plan: Plan): string | undefined {
  for (const obligation of OBLIGATIONS) {
    const rule = ruleOf(plan, obligation.rule)
    if (rule === undefined) continue
    const task = plan.tasks.findIndex(
      (spec, i) =>
        does(spec, obligation.of) &&
        meeting(plan, i, obligation).length === 0 &&
        !(obligation.byGates && hasGates(plan, i)),
    )
    if (task === -1) continue
    const orGates = obligation.byGates ? ', and no gate stands before it' : ''
    const missing = `needs no task of kind ${obligation.by}${orGates}`
    return underRule(`task ${plan.tasks[task]!.id} is of kind ${obligation.of} and ${missing}`, rule)
  }
  return undefined
}

/** The rule that keeps a task from beginning now, with the reason in words; undefined when none does. */
export function heldByRule(
  run: Run,
  task: number,
): { readonly rule: Rule; readonly reason: string } | undefined {
  const spec = run.plan.tasks[task]!
  for (const obligation of OBLIGATIONS) {
    const rule = does(spec, obligation.of) ? ruleOf(run.plan, obligation.rule) : undefined
    if (rule === undefined || isMet(run, task, obligation)) continue
    return { rule, reason: underRule(`${spec.id} ${obligation.words}`, rule) }
  }
  return undefined
}

/** Skipped by a person is not done: that keeps no promise. */
function isMet(run: Run, task: number, obligation: Obligation): boolean {
  if (obligation.byGates && hasPassed(run, task)) return true
  const done = meeting(run.plan, task, obligation).flatMap((i) => lastOf(run, i) ?? [])
  if (done.length === 0) return false
  if (!obligation.since) return true
  const changes = run.plan.tasks.flatMap((other, i) =>
    does(other, obligation.of) ? changesBy(run, i, i === task) : [],
  )
  // One that began before the change was over holds half of it.
  return Math.max(...done.map(({ startedAt, endedAt }) => startedAt ?? endedAt)) >= Math.max(0, ...changes)
}

/** When it may have changed something: of others each try, for one that failed may have come half-way; of itself what it did. */
function changesBy(run: Run, task: number, isItself: boolean): readonly number[] {
  const { past } = run.tasks.get(task)!
  return past
    .filter(({ state, startedAt }) => (isItself ? state === 'COMPLETED' : startedAt !== null))
    .map(({ endedAt }) => endedAt)
}

/** The attempt that completed it. */
function lastOf(run: Run, task: number): PastAttempt | undefined {
  const { state, past } = run.tasks.get(task)!
  return state === 'COMPLETED' ? past.at(-1) : undefined
}

/**
 * Tasks it waits for, by its needs or by their phase, that can meet the obligation. A backup of one target is none of
 * another.
 */
function meeting(plan: Plan, task: number, { by, since }: Obligation): readonly number[] {
  const { target } = plan.tasks[task]!
  return tasksBefore(plan, task).filter((i) => {
    const other = plan.tasks[i]!
    const isElsewhere = since && target !== undefined && other.target !== undefined && other.target !== target
    return other.kind === by && !isElsewhere
  })
}

function tasksBefore(plan: Plan, task: number): readonly number[] {
  const { needs } = planIndex(plan)
  const before = new Set(needs[task])
  for (const at of before) for (const next of needs[at]!) before.add(next)
  const { phase } = plan.tasks[task]!
  return plan.tasks.flatMap((spec, i) => (before.has(i) || spec.phase < phase ? [i] : []))
}

/** Is there a gate that it cannot start without? */
function hasGates(plan: Plan, task: number): boolean {
  if (gatesBefore(plan, task).length > 0) return true
  const earlier = plan.phases.slice(0, plan.tasks[task]!.phase)
  if (earlier.some((_, phase) => gatesOfPhase(plan, phase).length > 0)) return true
  return tasksBefore(plan, task).some((i) => gatesAfter(plan, i).length > 0)
}

/** Has one? Work of a task that was skipped has passed no gate. */
function hasPassed(run: Run, task: number): boolean {
  const { plan } = run
  if (gatesBefore(plan, task).length > 0) return letsPass(run, { kind: 'deploy', task })
  const earlier = plan.phases.slice(0, plan.tasks[task]!.phase)
  const byPhase = earlier.some(
    (_, phase) => gatesOfPhase(plan, phase).length > 0 && letsPass(run, { kind: 'phase', phase }),
  )
  if (byPhase) return true
  return tasksBefore(plan, task).some(
    (i) => gatesAfter(plan, i).length > 0 && run.tasks.get(i)!.state === 'COMPLETED',
  )
}
