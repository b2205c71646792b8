import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventEnvelope } from '../domain/events.ts'
import { evolve } from '../domain/evolve.ts'
import { type RunJson, STATE_SHAPE, stateToJson } from '../domain/serialise.ts'
import { EMPTY_STATE } from '../domain/state.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { loadRun, loadState } from './load.ts'

const recorded = join(import.meta.dirname, '../domain/fixtures/ship.v1.jsonl')
const events = readFileSync(recorded, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as EventEnvelope)

async function storeWith(frame?: { readonly seq: number; readonly shape: number }) {
  const store = openMemoryStore()
  await store.append({ events, outcomes: [], runRows: [], taskRows: [] })
  if (frame === undefined) return store
  const state = events.slice(0, frame.seq).reduce(evolve, EMPTY_STATE)
  const json = JSON.stringify({ ...stateToJson(state), shape: frame.shape })
  await store.writeKeyFrame({ seq: frame.seq, json })
  return store
}

const whole = stateToJson(events.reduce(evolve, EMPTY_STATE))

test.each([
  ['from the log alone', undefined],
  ['from a key frame and what follows it', { seq: 50, shape: STATE_SHAPE }],
  ['from the log, when the key frame is of another shape', { seq: 50, shape: STATE_SHAPE + 1 }],
])('the state is loaded %s', async (_, frame) => {
  expect(stateToJson(await loadState(await storeWith(frame)))).toEqual(whole)
})

test('one run is loaded from its own events', async () => {
  const run = whole.runs[0]!
  const store = await storeWith()
  const live = { ...EMPTY_STATE, projects: new Map(whole.projects.map((project) => [project.id, project])) }
  expect(await loadRun(store, live, run.id)).toEqual(run)
})

test('the shape of the state has its number raised when it changes', () => {
  const keys = (value: object): string => Object.keys(value).sort().join(' ')
  const run = whole.runs[0] as RunJson
  const working = events.slice(0, 20).reduce(evolve, EMPTY_STATE)
  const attempt = [...[...working.runs.values()][0]!.tasks].find(({ current }) => current !== null)!.current!
  expect({
    shape: STATE_SHAPE,
    project: keys(whole.projects[0]!),
    run: keys(run),
    task: keys(run.tasks[0]!),
    attempt: keys(attempt),
  }).toMatchSnapshot()
})
