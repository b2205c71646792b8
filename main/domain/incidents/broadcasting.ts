import type { Draft } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { isSettled, type Run } from '../state.ts'
import { tell } from '../talk/sending.ts'
import { incidentOf, ofProject } from './access.ts'

/** All agents at work in the project are told, in every run that is under way. */
export function broadcast(draft: Draft, project: ProjectId, id: string): void {
  const incident = incidentOf(draft, project, id)
  if (incident.playbook?.broadcast !== true) return
  const { severity, title, text, target, labels } = incident
  const payload = JSON.stringify({ incident: id, severity, target, alert: labels })
  const content = [text, target === null ? '' : `Target: ${target}`]
    .filter((part) => part !== '')
    .join('\n\n')
  let told = 0
  for (const run of [...draft.state.runs.values()]) {
    if (run.project !== project || run.endedAt !== null) continue
    const tasks = atWork(run)
    if (tasks.length === 0) continue
    told += tasks.length
    tell(
      draft,
      run.id,
      { tasks, person: false },
      {
        to: 'all',
        type: 'ALERT',
        kind: 'emergency',
        // The person is called by the incident itself, once.
        priority: severity === 'P2' ? 2 : 1,
        subject: `${severity} ${id}: ${title}`.slice(0, 200),
        content,
        payload,
        thread: id,
      },
    )
  }
  const words = told === 1 ? '1 agent told' : `${told} agents told`
  draft.emit(ofProject(project), { type: 'incident.noted', id, kind: 'broadcast', text: words })
}

/** Tasks that have an agent, or will have one. */
function atWork(run: Run): readonly number[] {
  return [...run.tasks].flatMap((task, i) => (isSettled(task) ? [] : [i]))
}
