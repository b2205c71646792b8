import { expect, it } from 'vitest'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { ReleasedAt, TargetRecord } from '../domain/targets/target.ts'
import type { ActionSpec } from './actions.ts'
import { inspectPlan } from './docker/inspect.ts'
import type { StepContext } from './step.ts'

const NOW = 10_000_000
const release = (version: string, at: number, verified: boolean | null): ReleasedAt => ({
  release: { version, image: null, detail: {}, commit: null },
  by: 'r1/deploy#1',
  at,
  before: null,
  verified,
})
const point = (why: RollbackPoint['why'], at: number, schemaVersion: string): RollbackPoint =>
  ({ why, at, database: { schemaVersion } }) as RollbackPoint

async function look(history: readonly ReleasedAt[], points: readonly RollbackPoint[]) {
  const known = { history } as TargetRecord
  const action = { do: 'inspect', what: 'recent-deploys' } as const
  const spec = { action: { action, known, points, at: NOW } } as unknown as ActionSpec
  const [step] = inspectPlan(undefined, spec).steps
  return step!.perform({
    signal: new AbortController().signal,
    say: () => undefined,
  } as unknown as StepContext)
}

it('names a migration since the last release that verified, and what it made of the schema', async () => {
  const history = [release('v2', NOW - 5_000, false), release('v1', NOW - 60_000, true)]
  const points = [
    point('migrate', NOW - 70_000, '000'),
    point('migrate', NOW - 20_000, '001'),
    point('deploy', NOW - 8_000, '002'),
  ]
  expect(await look(history, points)).toMatchObject({
    finding: 'recent-migration',
    cause: 'bad_migration',
    confidence: '0.80',
    evidence: expect.stringMatching(
      /^schema migrated from 001 to 002 20 s ago; v2 released 5 s ago, not verified/,
    ),
  })
})

it('suspects no migration that a release verified with, and none of long ago', async () => {
  const well = [release('v2', NOW - 5_000, true)]
  expect(await look(well, [point('migrate', NOW - 20_000, '001')])).toMatchObject({ cause: 'bad_deploy' })
  expect(await look([], [point('migrate', NOW - 7_200_000, '001')])).toMatchObject({ cause: '' })
})
