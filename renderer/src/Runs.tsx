import type { ReactNode } from 'react'
import { countTasks, needsPerson } from '../../main/domain/metrics.ts'
import type { Run } from '../../main/domain/state.ts'
import { type LiveState, useLiveState } from './liveState.ts'

/** The runs in live state, newest first, with what each is doing. */
export function Runs({ live }: { readonly live: LiveState }): ReactNode {
  const state = useLiveState(live)
  if (state === undefined) return <p className="quiet">Connecting to the engine …</p>
  const runs = [...state.runs.values()].reverse()
  if (runs.length === 0) return <p className="quiet">No runs yet. Start one with “amphi run EPIC”.</p>
  return (
    <main>
      <h1>Runs</h1>
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th>State</th>
            <th>Done</th>
            <th>Failed</th>
            <th>Open</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </main>
  )
}

function RunRow({ run }: { readonly run: Run }): ReactNode {
  const counts = countTasks(run)
  return (
    <tr>
      <td>
        {run.plan.title} <span className="quiet">#{run.number}</span>
      </td>
      <td>{needsPerson(run) ? 'needs you' : run.paused ? 'paused' : run.status}</td>
      <td>{counts.completed + counts.skipped}</td>
      <td>{counts.failed + counts.cancelled}</td>
      <td>{counts.pending}</td>
    </tr>
  )
}
