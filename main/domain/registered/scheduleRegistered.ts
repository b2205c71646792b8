import type { Draft } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { ask } from '../locks/asking.ts'
import type { LockTable } from '../locks/changes.ts'
import { grantMore } from '../locks/decideAgentLocks.ts'
import { placing, servable } from '../locks/table.ts'
import type { State } from '../state.ts'
import { endRegistered } from './ending.ts'
import { type Registered, registeredName, requestOf } from './registered.ts'

/**
 * Agents started by hand begin when those before them have completed and what they declared is free; they take no slot,
 * so nothing else holds them up. `awake`: the lock table without those that wait in runs that are held up.
 */
export function scheduleRegistered(
  draft: Draft,
  awake: (state: State, project: ProjectId) => LockTable,
): void {
  for (const { id } of draft.state.projects.values()) {
    for (const agent of Object.values(draft.state.projects.get(id)!.registered)) {
      if (agent.state === 'WAITING') begin(draft, id, agent, awake(draft.state, id))
      else if (agent.state === 'BLOCKED') unblock(draft, id, agent, awake(draft.state, id))
    }
  }
}

function begin(draft: Draft, project: ProjectId, agent: Registered, table: LockTable): void {
  const scope = { project, run: null }
  const before = agent.waits ? agent.after : []
  const all = draft.state.projects.get(project)!.registered
  const ended = before.map((id) => all[id]!).find(({ state }) => state === 'TERMINATED')
  if (ended !== undefined) {
    const detail = `${registeredName(ended)}, which it was to come after, was terminated`
    endRegistered(draft, project, agent, { cause: 'cancelled', detail, signal: null })
    return
  }
  if (before.some((id) => all[id]!.state !== 'COMPLETED')) return
  const request = requestOf(agent, draft.now)
  if (request.locks.length > 0) {
    const answer = ask(table, request)
    if (answer.type !== 'free') {
      const { place, overtakes } = placing(draft.state.projects.get(project)!.locks, request)
      const { since: _, ...asked } = request
      draft.emit(scope, {
        type: 'locks.asked',
        ...asked,
        locks: [...request.locks],
        place,
        overtakes: [...overtakes],
      })
      const behind = answer.type === 'waits' ? [...answer.behind] : []
      draft.emit(scope, { type: 'registered.blocked', agent: agent.id, behind })
      return
    }
    grantMore(draft, { project }, request)
  }
  draft.emit(scope, { type: 'registered.started', agent: agent.id })
}

function unblock(draft: Draft, project: ProjectId, agent: Registered, table: LockTable): void {
  if (!servable(table).some(({ holder }) => holder === agent.id)) return
  const scope = { project, run: null }
  grantMore(draft, { project }, requestOf(agent, draft.now))
  draft.emit(scope, { type: 'registered.unblocked', agent: agent.id })
  draft.emit(scope, { type: 'registered.started', agent: agent.id })
}
