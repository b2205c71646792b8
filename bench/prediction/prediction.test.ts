import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../simulator/random.ts'
import { writeHistory } from '../figures/prediction.ts'
import { type Prediction, predict } from './predict.ts'
import { type Branch, beats, type PastMerge, stateAfter, type Write } from './replay.ts'
import { describeScore, type Moment, type Replayed, rates, seenAt } from './score.ts'
import { syntheticHistory } from './synthetic.ts'

describe('a made-up history, replayed', () => {
  let folder: string
  let found: Prediction

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'amphitheatre-prediction-'))
    const repository = join(folder, 'repository')
    writeHistory(repository, syntheticHistory(new Random(8), 24))
    found = await predict(folder, { repository, merges: 24, moments: 8, progress: () => undefined })
    for (const line of describeScore(found.replayed, { byHand: false })) console.log(line)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('with all written, exactly the merges that conflict are foreseen', () => {
    expect(found.replayed).toHaveLength(24)
    expect(rates(found.replayed, 'merged', 1)).toMatchObject({ wrong: 0, missed: 0, precision: 1, recall: 1 })
    expect(rates(found.replayed, 'merged', 1).right).toBeGreaterThan(0)
  })

  test('on the way less is said wrongly than by the same files alone', () => {
    const early = {
      ours: rates(found.replayed, 'merged', 0.75),
      alone: rates(found.replayed, 'overlap', 0.75),
    }
    expect(early.ours.wrong).toBeLessThan(early.alone.wrong)
    expect(early.ours.precision).toBeGreaterThan(early.alone.precision)
  })

  test('every pair asked for is accounted for', () => {
    const { pairs, apart, known, merged } = found.cost
    expect(apart + known + merged).toBe(pairs)
    expect(apart).toBeGreaterThan(0)
  })
})

test('the same seed makes the same history', () => {
  const one = syntheticHistory(new Random(3), 5)
  expect(syntheticHistory(new Random(3), 5)).toBe(one)
  expect(syntheticHistory(new Random(4), 5)).not.toBe(one)
})

const write = (time: number, path: string, before: string | null, after: string | null): Write => {
  const entry = (id: string | null) => (id === null ? null : { mode: '100644', id })
  return { time, path, before: entry(before), after: entry(after) }
}
const branch = (...writes: Write[]): Branch => ({ end: 'e', writes })

describe('moments', () => {
  const past: PastMerge = {
    merge: 'm',
    base: 'b',
    sides: [
      branch(write(1, 'a', 'x', 'y'), write(3, 'b', null, 'z')),
      branch(write(2, 'a', 'x', 'w'), write(9, 'a', 'w', null)),
    ],
  }

  test('go through the writes of both in the order of their times and end when all is written', () => {
    expect(beats(past, 4)).toEqual([
      { done: 0.25, counts: [1, 0] },
      { done: 0.5, counts: [1, 1] },
      { done: 0.75, counts: [2, 1] },
      { done: 1, counts: [2, 2] },
    ])
    expect(beats(past, 2).map(({ done }) => done)).toEqual([0.5, 1])
    expect(beats(past, 99)).toHaveLength(4)
  })

  test('show a branch against its base: what came and went is nothing', () => {
    const side = branch(write(1, 'a', null, 'x'), write(2, 'b', 'y', null), write(3, 'a', 'x', null))
    expect([...stateAfter(side, 1).changed.all]).toEqual(['a'])
    expect(stateAfter(side, 2).changed).toMatchObject({ adds: true, deletes: true })
    expect([...stateAfter(side, 3).entries.keys()]).toEqual(['b'])
  })
})

describe('scores', () => {
  const moment = (done: number, merged: boolean, overlap = true): Moment => ({ done, merged, overlap })
  const replayed: Replayed[] = [
    {
      merge: '1',
      conflicts: true,
      byHand: true,
      moments: [moment(0.2, false), moment(0.5, true), moment(0.8, true), moment(1, true)],
    },
    { merge: '2', conflicts: false, byHand: true, moments: [moment(0.5, true), moment(1, false)] },
    { merge: '3', conflicts: true, byHand: true, moments: [moment(1, true)] },
    {
      merge: '4',
      conflicts: false,
      byHand: false,
      moments: [moment(0.5, false, false), moment(1, false, false)],
    },
  ]

  test('count what was said before the end, or at a share of the work', () => {
    expect(rates(replayed, 'merged', 'before the end')).toEqual({
      right: 1,
      wrong: 1,
      missed: 1,
      precision: 0.5,
      recall: 0.5,
    })
    expect(rates(replayed, 'merged', 0.4)).toMatchObject({ right: 0, wrong: 0, missed: 2, recall: 0 })
    expect(rates(replayed, 'merged', 1)).toMatchObject({ right: 2, wrong: 0, missed: 0 })
    expect(rates(replayed, 'merged', 1, 'byHand')).toMatchObject({ right: 2, missed: 1 })
    expect(rates(replayed, 'overlap', 1)).toMatchObject({ right: 2, wrong: 1 })
  })

  test('say when a conflict was first seen and not taken back', () => {
    expect(seenAt(replayed, 'merged')).toEqual([0.5, 1])
  })
})
