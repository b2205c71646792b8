import { expect, test } from 'vitest'
import type { Conflict, ConflictAction } from '../domain/conflicts/conflict.ts'
import { runId } from '../domain/ids.ts'
import { judge, type RunHistory } from './conflictVerifier.ts'

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
  ['nothing was changed', settled('merge', null), [], true, 'git shows no change of these files'],
])('%s', (_, conflict, histories, clean, detail) => {
  expect(judge(conflict, histories)).toEqual({ clean, detail })
})
