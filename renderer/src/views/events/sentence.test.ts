import { expect, test } from 'vitest'
import { Driver } from '../../../../main/domain/testing/driver.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../../../../main/domain/testing/world.ts'
import { GROUPS, groupOf, sentenceOfEvent } from './sentence.ts'
import { sentences } from './words.ts'

test('every event has a sentence in both languages, with the names of the tasks', () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 12; seed++) {
    const driver = Driver.running(
      plan([['alpha', 'beta: alpha'], ['gamma']], { all: { retry: 1, workspace: 'repo' } }),
    )
    const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
    for (let steps = 0; steps < 200 && world.step(); steps++);
    for (const { data, type } of driver.log) {
      seen.add(type)
      for (const w of [sentences.en, sentences.vi]) {
        const text = sentenceOfEvent(w, data, driver.run().plan)
        expect(text).not.toMatch(/undefined|null|\[object/)
        expect(text.length).toBeGreaterThan(2)
        if ('task' in data && data.task !== null && !type.startsWith('attention')) {
          expect(text).toContain(driver.run().plan.tasks[data.task]!.id)
        }
      }
      expect(GROUPS).toContain(groupOf(type))
    }
  }
  expect(seen.size).toBeGreaterThan(15)
})

test('without the plan a task has its number', () => {
  expect(sentenceOfEvent(sentences.en, { type: 'task.completed', task: 3, attempt: 1 }, undefined)).toBe(
    'task 3 is done',
  )
})
