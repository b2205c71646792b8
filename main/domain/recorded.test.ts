import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type EventEnvelope, eventSchema } from './events.ts'
import { evolve } from './evolve.ts'
import { summarise } from './metrics.ts'
import { stateFromJson, stateToJson } from './serialise.ts'
import { EMPTY_STATE } from './state.ts'
import { upcast } from './upcast.ts'

/**
 * Histories recorded by earlier releases (`amphi events --json` of the sample, paths made neutral). They must fold for
 * ever: what is stored on people's machines is not written anew.
 */
const folder = join(import.meta.dirname, 'fixtures')

describe.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))('%s', (name) => {
  const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n')
  const events = lines.map((line) => upcast(JSON.parse(line) as EventEnvelope))

  test('every event still has a shape that is known', () => {
    for (const { data, type } of events) expect(eventSchema.safeParse(data).error, type).toBeUndefined()
  })

  test('it folds to the end that was recorded', () => {
    const state = events.reduce(evolve, EMPTY_STATE)
    const run = [...state.runs.values()].at(-1)!
    expect(run).toMatchObject({ status: 'completed', delivery: 'applied' })
    expect(summarise(run, state.time).tasks).toMatchObject({ total: 14, completed: 14, failed: 0 })
  })

  test('it folds to the same from every moment on, through JSON', () => {
    const end = stateToJson(events.reduce(evolve, EMPTY_STATE))
    for (let at = 0; at < events.length; at += 7) {
      const frame = events.slice(0, at).reduce(evolve, EMPTY_STATE)
      const restored = stateFromJson(JSON.parse(JSON.stringify(stateToJson(frame))))
      expect(stateToJson(events.slice(at).reduce(evolve, restored))).toEqual(end)
    }
  })
})
