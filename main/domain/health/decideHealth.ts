import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { isActive } from '../incidents/incident.ts'
import { raiseIncident } from '../incidents/raising.ts'
import { alarmKey } from './health.ts'
import type { HealthReport } from './healthCommands.ts'
import { troubleOf } from './offering.ts'
import { isTargetMeasure } from './policy.ts'
import { nextStep } from './slots.ts'
import { measureWords } from './words.ts'

export function decideHealth(draft: Draft, { project: id, crossings }: HealthReport): Verdict {
  const project = draft.state.projects.get(id)
  if (project === undefined) return reject('stale', `project ${id} is not registered`)
  const scope = { project: id, run: null }
  for (const { measure, role, bad, value, limit, expired } of crossings) {
    const isBad = alarmKey(measure, role) in draft.state.projects.get(id)!.health.alarms
    if (isBad === bad) continue
    draft.emit(scope, {
      type: 'health.crossed',
      measure,
      role,
      bad,
      value,
      limit,
      ...(expired ? { expired } : {}),
    })
    const trouble = troubleOf({ measure, role, bad, value, limit })
    if (trouble !== undefined) raiseIncident(draft, id, trouble)
    const target = isTargetMeasure(measure) ? role : null
    if (!bad && role === target)
      wellAgain(draft, id, target, measure, expired ? NOTHING_LEFT : measureWords(measure, value))
  }
  const step = nextStep(draft.state, id, draft.now)
  if (step !== undefined) draft.emit(scope, { type: 'health.slots', ...step })
  return undefined
}

const NOTHING_LEFT = 'there is nothing left to judge it by'

/** Said to whoever looks after it; whether that is the end of it is for them to say. */
function wellAgain(draft: Draft, id: ProjectId, target: string | null, measure: string, words: string): void {
  const incident = draft.state.projects
    .get(id)!
    .incidents.find(
      (one) =>
        isActive(one) &&
        one.target === target &&
        one.sources.some(({ kind, ref }) => kind === 'health' && ref === measure),
    )
  if (incident === undefined) return
  const text = `well again: ${words}`
  draft.emit({ project: id, run: null }, { type: 'incident.noted', id: incident.id, kind: 'source', text })
}
