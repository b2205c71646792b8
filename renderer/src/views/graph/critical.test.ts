import { expect, test } from 'vitest'
import { criticalTasks } from './critical.ts'

test('the heaviest chain of needs', () => {
  const needs = [[], [0], [], [2]]
  expect(criticalTasks({ phase: [0, 0, 0, 0], needs, weights: [1, 1, 3, 1] })).toEqual([2, 3])
})

test('between phases all of the earlier one counts, needs or none', () => {
  const needs = [[], [], [], [2]]
  expect(criticalTasks({ phase: [0, 0, 1, 1], needs, weights: [2, 5, 1, 1] })).toEqual([1, 2, 3])
})

test('a phase without tasks is passed', () => {
  expect(criticalTasks({ phase: [0, 2], needs: [[], []], weights: [1, 1] })).toEqual([0, 1])
  expect(criticalTasks({ phase: [], needs: [], weights: [] })).toEqual([])
})
