import { type Plan, planIndex } from '../plan.ts'
import type { TaskKind } from '../project.ts'
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
  readonly words: string
}

const OBLIGATIONS: readonly Obligation[] = [
  {
    rule: 'gate-before-deploy',
    of: 'deploy',
    by: 'check',
    since: false,
    words: 'deploys, and no check it needs has passed',
  },
  {
    rule: 'backup-before-schema-change',
    of: 'migrate',
    by: 'backup',
    since: true,
    words: 'changes the schema, and no backup was made since the last change',
  },
]

/** Why a plan can never follow the project's rules; undefined when it can. */
export function planAgainstRules(plan: Plan): string | undefined {
  for (const obligation of OBLIGATIONS) {
    const rule = ruleOf(plan, obligation.rule)
    if (rule === undefined) continue
    const task = plan.tasks.findIndex(
      ({ kind }, i) => kind === obligation.of && meeting(plan, i, obligation).length === 0,
    )
    if (task === -1) continue
    const missing = `needs no task of kind ${obligation.by}`
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
    const rule = spec.kind === obligation.of ? ruleOf(run.plan, obligation.rule) : undefined
    if (rule === undefined || isMet(run, task, obligation)) continue
    return { rule, reason: underRule(`${spec.id} ${obligation.words}`, rule) }
  }
  return undefined
}

/** Skipped by a person is not done: that keeps no promise. */
function isMet(run: Run, task: number, obligation: Obligation): boolean {
  const done = meeting(run.plan, task, obligation).flatMap((i) => lastOf(run, i) ?? [])
  if (done.length === 0) return false
  if (!obligation.since) return true
  const changes = run.plan.tasks.flatMap(({ kind }, i) =>
    i !== task && kind === obligation.of ? (lastOf(run, i)?.endedAt ?? []) : [],
  )
  // One that began before the change was over holds half of it.
  return Math.max(...done.map(({ startedAt, endedAt }) => startedAt ?? endedAt)) >= Math.max(0, ...changes)
}

/** The attempt that completed it. */
function lastOf(run: Run, task: number): PastAttempt | undefined {
  const { state, past } = run.tasks.get(task)!
  return state === 'COMPLETED' ? past.at(-1) : undefined
}

/** Tasks it waits for, by its needs or by their phase, that can meet the obligation. */
function meeting(plan: Plan, task: number, { by }: Obligation): readonly number[] {
  const { needs } = planIndex(plan)
  const before = new Set(needs[task])
  for (const at of before) for (const next of needs[at]!) before.add(next)
  const { phase } = plan.tasks[task]!
  return plan.tasks.flatMap((spec, i) =>
    spec.kind === by && (before.has(i) || spec.phase < phase) ? [i] : [],
  )
}
