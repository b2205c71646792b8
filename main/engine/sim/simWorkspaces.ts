import { WorkspaceError, type Workspaces } from '../ports/workspaces.ts'
import type { FaultPlan } from './faults.ts'
import type { Hub } from './hub.ts'
import { never, type SimProcess } from './process.ts'
import type { Random } from './random.ts'

const MOST_LATENCY_MS = 40

/**
 * `Workspaces` of one process. What shares a key is done one after the other, as git's callers do it; a fault is a
 * git that failed, or one that succeeded and was reported as failed.
 */
export function simWorkspaces(process: SimProcess, hub: Hub, faults: FaultPlan, random: Random): Workspaces {
  const queues = new Map<string, Promise<unknown>>()

  async function carryOut<T>(name: string, act: () => T): Promise<T> {
    const call = `workspaces.${name}`
    if (!process.survives(`${call} before`)) return never()
    const fault = faults.next(call)
    await process.pause(random.int(0, MOST_LATENCY_MS))
    if (fault === 'before' || fault === 'late') throw transient(name)
    const result = act()
    if (!process.survives(`${call} after`)) return never()
    await process.pause(random.int(0, 5))
    if (fault === 'after') throw transient(name)
    return result
  }
  function inTurn<T>(key: string, name: string, act: () => T): Promise<T> {
    const before = queues.get(key) ?? Promise.resolve()
    const mine = before.then(() => carryOut(name, act))
    queues.set(
      key,
      mine.catch(() => undefined),
    )
    return mine
  }
  return {
    prepareRun: ({ project, run }) => inTurn(project, 'prepareRun', () => hub.prepare(run)),
    cut: (request) => inTurn(request.attempt, 'cut', () => hub.cut(request)),
    commit: (request) => inTurn(request.attempt, 'commit', () => hub.commit(request)),
    merge: (request) => inTurn(request.run, 'merge', () => hub.merge(request)),
    remove: (_, attempt) =>
      inTurn(attempt, 'remove', () => {
        hub.clones.delete(attempt)
      }),
    apply: ({ project, run }) => inTurn(project, 'apply', () => hub.apply(run)),
    discard: ({ project, run }) => inTurn(project, 'discard', () => hub.discard(run)),
    diff: () => Promise.resolve(''),
    list: () => carryOut('list', () => [...hub.clones.keys()].sort()),
  }
}

function transient(name: string): WorkspaceError {
  return new WorkspaceError('transient', `git did not finish: ${name}`, 'It is tried again.')
}
