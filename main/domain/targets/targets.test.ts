import { expect, it } from 'vitest'
import type { EventEnvelope } from '../events.ts'
import { evolve } from '../evolve.ts'
import { EMPTY_STATE, type State } from '../state.ts'
import { readActionOutcome } from './actionOutputs.ts'
import type { Release, TargetSpec } from './target.ts'

const spec = { name: 'staging', place: { kind: 'ssh' } } as unknown as TargetSpec
const release = (version: string): Release => ({ version, image: null, detail: {}, commit: null })

function after(...data: readonly EventEnvelope['data'][]): State {
  const all = [{ type: 'project.registered', root: '/r', name: 'shop' } as const, ...data]
  return all.reduce<State>(
    (state, one, i) =>
      evolve(state, {
        seq: i + 1,
        type: one.type,
        project: 'p',
        run: null,
        time: i * 1000,
        data: one,
      } as EventEnvelope),
    EMPTY_STATE,
  )
}

const target = (state: State) => [...state.projects.values()][0]!.targets.staging

it('knows what is released, since when, and the newest twenty before it', () => {
  const released = Array.from({ length: 25 }, (_, i) => ({
    type: 'target.released' as const,
    target: 'staging',
    release: release(`v${i}`),
    by: 'r/t#1',
    before: null,
    verified: true,
  }))
  const record = target(after({ type: 'target.declared', spec }, ...released))!
  expect(record.current).toMatchObject({ release: { version: 'v24' }, at: 26_000 })
  expect(record.history).toHaveLength(20)
  expect(record.history[0]).toEqual(record.current)
})

it('keeps what is known when it is declared anew, and nothing when it is forgotten', () => {
  const events = [
    { type: 'target.declared', spec },
    { type: 'target.state', target: 'staging', state: 'half', reason: 'why' },
    { type: 'target.busy', target: 'staging', by: 'r/t#1' },
    { type: 'target.declared', spec: { ...spec, title: 'Other' } },
  ] as const
  expect(target(after(...events))).toMatchObject({ spec: { title: 'Other' }, state: 'half', busy: 'r/t#1' })
  expect(target(after(...events, { type: 'target.forgotten', target: 'staging' }))).toBeUndefined()
  // Told of one that is not known: nothing to remember.
  expect(target(after({ type: 'target.busy', target: 'staging', by: 'x' }))).toBeUndefined()
})

it.each([
  [{ release: 'not json' }, { release: null }],
  [{ release: '{"version":1}' }, { release: null }],
  [
    { release: JSON.stringify(release('v1')), verified: 'true' },
    { release: release('v1'), verified: true },
  ],
  [{ state: 'splendid' }, { state: null }],
  [
    { state: 'half', reason: 'why' },
    { state: 'half', reason: 'why' },
  ],
  [{}, { release: null, verified: null, state: null, reason: null, before: null }],
])('reads %j', (outputs, outcome) => {
  expect(readActionOutcome(outputs as Record<string, string>)).toMatchObject(outcome)
})
