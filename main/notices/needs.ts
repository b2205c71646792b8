import type { Place } from '../../preload/contract.ts'
import { askedByHand } from '../domain/conflicts/byHand.ts'
import { placeKeyOf } from '../domain/gates/placeKey.ts'
import { leftAlone } from '../domain/health/person.ts'
import type { RunId } from '../domain/ids.ts'
import { calledFor } from '../domain/incidents/news.ts'
import { needsPerson } from '../domain/metrics.ts'
import type { Attention, Run, State } from '../domain/state.ts'

/** Does it wait for an answer: one of its choices, or words? What has neither is only told. */
export function isAsking({ kind, choices }: Pick<Attention, 'kind' | 'choices'>): boolean {
  return choices.length > 0 || kind === 'question'
}

/** Everything that waits for a person, once each: what the tray, the badge and the title of a page count. */
export function needsYou(state: State): number {
  let count = askedByHand(state) + calledFor(state).count
  for (const run of state.runs.values()) for (const item of run.attention) if (isAsking(item)) count += 1
  // What the health view shows and nothing else asks about.
  for (const project of state.projects.values()) count += leftAlone(project).length
  return count
}

/** Where it is answered: a conflict on its card, a gate in the graph, what was said in its conversation, anything else at its task. */
export function placeOfAttention(run: Run, item: Pick<Attention, 'task' | 'about'>): Place {
  const { about } = item
  if (about === null) return placeOfTask(run, item.task)
  const gate = placeKeyOf(run, about)
  if (gate !== undefined) return { view: 'graph', run: run.id, at: gate }
  return { view: isConflict(about) ? 'conflicts' : 'talk', run: run.id, at: about }
}

/** Is it the name of a conflict that is asked about? */
export function isConflict(about: string): boolean {
  return /^c\d+$/.test(about)
}

/** Where a task is best looked at; its run when there is none. */
function placeOfTask(run: Run, task: number | null): Place {
  const spec = task === null ? undefined : run.plan.tasks[task]
  return spec === undefined ? { view: 'house', run: run.id } : { view: 'graph', run: run.id, task: spec.id }
}

export function runName(run: Run): string {
  return `${run.plan.title} #${run.number}`
}

/** The run that is shown when none is named: the newest that needs a person, else under way, else any. */
export function preferredRun(state: State): RunId | null {
  const runs = [...state.runs.values()].reverse()
  const open = runs.filter((run) => run.endedAt === null)
  return (open.find(needsPerson) ?? open[0] ?? runs[0])?.id ?? null
}
