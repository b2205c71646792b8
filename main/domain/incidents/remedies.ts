import type { ProjectRecord } from '../state.ts'
import { isKnownTarget } from './access.ts'
import type { Cause, Choice, Incident } from './incident.ts'
import { choiceOf, type Remedy, type RemedyAct } from './playbook.ts'

/** People mend it; the engine has nothing to carry out. */
export const FIX_FORWARD = 'fix-forward'
/** The answer to that: they have. */
export const FIXED = 'fixed'
/** Look again: the checks anew. */
export const CHECK_AGAIN = 'check'

/** A cause less likely than this has no say in what is offered first. */
const LIKELY = 0.2

const ALWAYS: readonly Remedy[] = [
  { cause: null, title: 'Roll back', act: { do: 'rollback' }, approval: 'person', irreversible: [] },
  { cause: null, title: 'Restart', act: { do: 'restart' }, approval: 'person', irreversible: [] },
]

/** What can be done, the remedy of the likeliest cause first; one of a kind each. */
export function choicesOf(
  project: ProjectRecord,
  incident: Incident,
  causes: readonly Cause[],
): readonly Choice[] {
  const own = incident.playbook?.remedies ?? []
  const likely = causes.filter(({ confidence }) => confidence >= LIKELY)
  const ordered = [
    ...likely.flatMap(({ cause }) => own.filter((remedy) => remedy.cause === cause)),
    ...own.filter(({ cause }) => cause === null),
    ...(incident.target === null ? [] : ALWAYS),
  ]
  const choices = new Map<string, Choice>()
  for (const remedy of ordered) {
    const id = choiceOf(remedy.act)
    if (!choices.has(id)) choices.set(id, choice(project, incident, remedy, id))
  }
  choices.set(FIX_FORWARD, {
    id: FIX_FORWARD,
    title: 'Fix forward',
    cause: null,
    approval: 'person',
    irreversible: [],
    barred: null,
  })
  return [...choices.values()]
}

function choice(project: ProjectRecord, incident: Incident, remedy: Remedy, id: string): Choice {
  const { title, cause, approval, irreversible, act } = remedy
  return { id, title, cause, approval, irreversible, barred: barredBy(project, incident, act) }
}

/** The remedy behind a choice; undefined for what people do themselves. */
export function remedyOf(incident: Incident, id: string): Remedy | undefined {
  const own = incident.playbook?.remedies ?? []
  return [...own, ...ALWAYS].find(({ act }) => choiceOf(act) === id)
}

/** Why it cannot be done now; null where it can. */
export function barredBy(project: ProjectRecord, { target }: Incident, act: RemedyAct): string | null {
  switch (act.do) {
    case 'rollback': {
      if (target === null) return 'no target is known'
      const points = project.points.filter((point) => point.target === target)
      return points.length === 0 ? `there is no rollback point of ${target}` : null
    }
    case 'restart':
      return target !== null && isKnownTarget(project, target) ? null : 'no target is known'
    case 'epic':
      return project.setup?.epics.some(({ id }) => id === act.epic) === true
        ? null
        : `there is no epic ${act.epic}`
    case 'task':
      return project.setup === null ? 'the project has not been read' : null
  }
}
