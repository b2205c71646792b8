import type { EventEnvelope } from '../events.ts'
import { lets } from '../gates/gateRecord.ts'
import { gatesAfter, gatesBefore, gatesOfPhase, letsPass, recordsAt } from '../gates/places.ts'
import type { Run, State } from '../state.ts'

/** What gates promise, looked at after every event; each throws with what is wrong. */
export function checkGates(before: State, event: EventEnvelope, after: State): void {
  const [was, is] = [before.runs.get(event.run!), after.runs.get(event.run!)]
  if (is === undefined) return
  checkResults(is)
  if (was === undefined) return
  const { data } = event
  switch (data.type) {
    case 'work.merged':
    case 'task.completed': {
      const { task, attempt } = data
      const passed = letsPass(was, { kind: 'task', task, attempt })
      if (gatesAfter(is.plan, task).length > 0 && !passed)
        throw new Error(`${data.type} of task ${task} though its gates did not let it pass`)
      return
    }
    case 'task.assigned':
      if (gatesBefore(is.plan, data.task).length > 0 && !letsPass(was, { kind: 'deploy', task: data.task }))
        throw new Error(`deployment ${data.task} began though its gates did not let it pass`)
      return
    case 'run.settled':
      checkEnd(is, data.status)
      return
    default:
      // Phases open by what happened to their tasks or gates.
      for (let phase = was.phase; phase < is.phase; phase++)
        if (!letsPass(is, { kind: 'phase', phase })) throw new Error(`phase ${phase} ended before its gates`)
  }
}

/** Nothing passes with a condition that has not. */
function checkResults({ gates, plan }: Run): void {
  for (const { gate, state, results, id } of gates?.records ?? []) {
    if (state !== 'passed') continue
    const { conditions } = plan.gates!.find(({ name }) => name === gate)!
    if (results.length !== conditions.length || results.some((result) => result.state !== 'passed'))
      throw new Error(`gate ${id} passed with ${JSON.stringify(results.map((result) => result.state))}`)
  }
}

function checkEnd(run: Run, status: string): void {
  const open = run.gates?.records.find(({ state }) => state === 'evaluating' || state === 'waiting')
  if (open !== undefined) throw new Error(`the run is over, and gate ${open.id} is ${open.state}`)
  if (status !== 'completed') return
  run.plan.phases.forEach((_, phase) => {
    const asked = recordsAt(run, { kind: 'phase', phase })
    for (const name of gatesOfPhase(run.plan, phase))
      if (!asked.some((record) => record.gate === name && lets(record)))
        throw new Error(`the run is completed, and gate ${name} of phase ${phase} did not let it`)
  })
}
