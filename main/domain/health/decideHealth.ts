import { type Draft, reject, type Verdict } from '../draft.ts'
import { raiseIncident } from '../incidents/raising.ts'
import { alarmKey } from './health.ts'
import type { HealthReport } from './healthCommands.ts'
import { troubleOf } from './offering.ts'
import { nextStep } from './slots.ts'

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
  }
  const step = nextStep(draft.state, id, draft.now)
  if (step !== undefined) draft.emit(scope, { type: 'health.slots', ...step })
  return undefined
}
