import type { Command } from '../commands.ts'
import { actionsFor, CONFLICT_CAUSES, CONFLICT_KINDS } from '../conflicts/conflict.ts'
import { isLive } from '../conflicts/parties.ts'
import { openOf } from '../conflicts/raising.ts'
import { holderOf } from '../locks/taskLocks.ts'
import { hasNoProcess, type Run, type State } from '../state.ts'
import { type Driver, PROJECT } from './driver.ts'

/** Somebody who looks on sees a conflict, sees one no more, or a person or an agent settles one: anything, at random. */
export function anyClash(driver: Driver, random: () => number): Command | undefined {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const run = driver.run()
  const holders = holdersOf(run)
  if (holders.length === 0) return undefined
  const project = driver.state.projects.get(PROJECT)!
  const open = openOf(project)
  if (open.length === 0 || random() < 0.5) {
    const parties = [...new Set([pick(holders), pick(holders)])]
    const kind = random() < 0.5 ? {} : { kind: pick(CONFLICT_KINDS) }
    const hold = random() < 0.4 ? { hold: [pick(parties)] } : {}
    const cause = pick(CONFLICT_CAUSES)
    const files = [pick(['a.ts', 'src/b.ts', 'database_schema'])]
    return {
      type: 'report.conflict',
      project: PROJECT,
      cause,
      ...kind,
      parties,
      files,
      text: 'clash',
      evidence: [],
      ...hold,
    }
  }
  const conflict = pick(open)
  const action = pick(actionsFor(conflict.cause))
  if (random() < 0.2)
    return { type: 'report.conflict-gone', project: PROJECT, conflict: conflict.id, detail: 'gone' }
  if (random() < 0.3) {
    const task = Math.floor(random() * run.plan.tasks.length)
    const attempt = run.tasks.get(task)!.current?.n ?? 1
    return { type: 'agent.settle', run: run.id, task, attempt, conflict: conflict.id, action }
  }
  const keep = random() < 0.5 ? {} : { keep: pick(conflict.parties) }
  return { type: 'conflict.resolve', project: PROJECT, conflict: conflict.id, action, ...keep }
}

function holdersOf(run: Run): readonly string[] {
  return run.plan.tasks.flatMap((_, task) => {
    const attempt = run.tasks.get(task)!.current
    return attempt === null ? [] : [holderOf(run, task, attempt.n)]
  })
}

/** A person sees to all that is open. */
export function settleAll(driver: Driver): void {
  for (const { id } of openOf(driver.state.projects.get(PROJECT)!)) {
    const detail = 'gone'
    driver.send({ type: 'report.conflict-gone', project: PROJECT, conflict: id, detail })
  }
}

/**
 * After every decision: an agent stands still only for a conflict that is open, or for one that goes before it; an open
 * conflict is between some who are under way.
 */
export function checkConflicts(state: State): void {
  for (const project of state.projects.values()) {
    const ids = project.conflicts.map(({ id }) => id)
    if (new Set(ids).size !== ids.length) throw new Error('two conflicts have one name')
    for (const conflict of openOf(project))
      if (!conflict.parties.some((holder) => isLive(state, holder, project.id)))
        throw new Error(`${conflict.id} is open and all its parties are over`)
  }
  for (const run of state.runs.values())
    for (let task = 0; task < run.tasks.length; task++) checkStanding(state, run, task)
}

function checkStanding(state: State, run: Run, task: number): void {
  const { current } = run.tasks.get(task)!
  if (current === null || current.state !== 'CONFLICT' || hasNoProcess(current)) return
  const { conflicts } = state.projects.get(run.project)!
  const resolution = conflicts.find(({ id }) => id === current.conflict?.id)?.resolution
  if (resolution === null) return
  const first = resolution?.action === 'wait' ? resolution.keep! : undefined
  if (first === undefined || !isLive(state, first, run.project) || first === holderOf(run, task, current.n))
    throw new Error(`an agent stands still for ${current.conflict?.id}, which is settled`)
}
