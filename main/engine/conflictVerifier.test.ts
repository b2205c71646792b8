import { expect, test, vi } from 'vitest'
import type { Conflict, ConflictAction } from '../domain/conflicts/conflict.ts'
import { runId } from '../domain/ids.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import { addRegistered } from '../domain/testing/registered.ts'
import { ConflictVerifier, judge, type RunHistory } from './conflictVerifier.ts'
import type { World } from './world.ts'

function settled(action: ConflictAction, keep: string | null): Conflict {
  return {
    id: 'c1',
    cause: 'overlap',
    kind: 'technical',
    level: 1,
    parties: ['r1/api#1', 'r1/web#2'],
    files: ['src/**'],
    text: '',
    evidence: [],
    recommendation: { action, keep, reasons: [] },
    since: 0,
    levelSince: 0,
    votes: {},
    resolution: { action, keep, by: 'person:ann', at: 0, verified: null, detail: '' },
  }
}
const run = runId('r1')
const file = (path: string, agents: readonly string[], marked = false): RunHistory => ({
  run,
  path,
  agents,
  marked,
})
const KEPT = 'r1/api#1'

test.each<[string, Conflict, readonly RunHistory[], boolean, string]>([
  [
    'only the one that goes on changed it',
    settled('terminate', KEPT),
    [file('src/a.ts', ['Dev/api#1'])],
    true,
    'changed: src/a.ts by Dev/api#1',
  ],
  [
    'the one that was stopped did',
    settled('terminate', KEPT),
    [file('src/a.ts', ['Dev/api#1', 'Dev/web#2'])],
    false,
    'web changed src/a.ts all the same',
  ],
  [
    'a later attempt of it is another matter',
    settled('terminate', KEPT),
    [file('src/a.ts', ['Dev/api#1', 'Dev/web#3'])],
    true,
    'changed: src/a.ts by Dev/api#1 and Dev/web#3',
  ],
  [
    'a write that was to stay aside did not',
    settled('discard', null),
    [file('src/a.ts', ['Dev/web#2'])],
    false,
    'web changed src/a.ts all the same',
  ],
  [
    'both, one after the other',
    settled('wait', KEPT),
    [file('src/a.ts', ['Dev/api#1', 'Dev/web#2'])],
    true,
    'changed: src/a.ts by Dev/api#1 and Dev/web#2',
  ],
  [
    'marks are left',
    settled('merge', null),
    [file('src/a.ts', ['Dev/api#1'], true)],
    false,
    'marks of an unfinished merge are left in src/a.ts',
  ],
  [
    'an agent of the same name did, in another run',
    settled('terminate', KEPT),
    [{ ...file('src/a.ts', ['Dev/web#2']), run: runId('r2') }],
    true,
    'changed: src/a.ts by Dev/web#2',
  ],
  [
    'the one that was stopped did, by hand',
    { ...settled('split', 'agent-1'), parties: ['agent-1', 'agent-2'] },
    [{ ...file('src/a.ts', ['agent-2']), run: null }],
    false,
    'agent-2 changed src/a.ts all the same',
  ],
  ['nothing was changed', settled('merge', null), [], true, 'git shows no change of these files'],
])('%s', (_, conflict, histories, clean, detail) => {
  expect(judge(conflict, histories)).toEqual({ clean, detail })
})

test('what agents started by hand settled is looked at once they are over', async () => {
  const driver = new Driver()
  driver.must({ type: 'project.register', project: PROJECT, root: '/p', name: 'p' })
  addRegistered(driver, 'one', ['src/a.ts'])
  addRegistered(driver, 'two', ['src/a.ts'])
  driver.must({
    type: 'conflict.resolve',
    project: PROJECT,
    conflict: 'c1',
    action: 'terminate',
    keep: 'agent-1',
  })
  const handHistory = vi.fn(async () => [{ path: 'src/a.ts', agents: ['agent-1'], marked: false }])
  const world = {
    engine: {
      get state() {
        return driver.state
      },
      report: async (report: Parameters<Driver['must']>[0]) => driver.must(report),
    },
    workspaces: { handHistory },
    log: (line: string) => expect.unreachable(line),
  }
  const verifier = new ConflictVerifier(world as unknown as World)
  verifier.recover(driver.state)
  expect(handHistory).not.toHaveBeenCalled()
  const commit = 'a'.repeat(40)
  const from = driver.log.length
  driver.must({ type: 'registered.complete', project: PROJECT, agent: 'agent-1', commit, token: null })
  verifier.published(driver.log.slice(from), driver.state)
  const seen = () => driver.state.projects.get(PROJECT)!.conflicts[0]!.resolution
  await vi.waitFor(() =>
    expect(seen()).toMatchObject({ verified: true, detail: 'changed: src/a.ts by agent-1' }),
  )
  expect(handHistory).toHaveBeenCalledExactlyOnceWith(
    [
      { agent: 'agent-1', folder: '/p', commit },
      { agent: 'agent-2', folder: '/p', commit: null },
    ],
    ['src/a.ts'],
  )
})
