import { expect, test } from 'vitest'
import { Driver, PROJECT, RUN } from '../../../../main/domain/testing/driver.ts'
import { type TaskOptions, tasks } from '../../../../main/domain/testing/plan.ts'
import { prepared, start } from '../../../../main/domain/testing/steps.ts'
import type { Picture } from './lit.ts'
import { lineBetween, stepsOut, tiesOf } from './ties.ts'

const writes = (glob: string): TaskOptions => ({ workspace: 'repo', writes: [glob] })
const holder = (task: string): string => `${RUN}/${task}#1`

function running(): Driver {
  const all = { a: writes('src/**'), b: writes('docs/**'), c: writes('src/x') }
  const driver = Driver.running(tasks(Object.keys(all), { with: all }))
  if (driver.run().status === 'preparing') driver.must(prepared())
  start(driver, 'a', 'b')
  return driver
}

test('who waits for whose lock is tied to it, and who clashes, until that is settled', () => {
  const driver = running()
  const ties = () => tiesOf(driver.state, driver.run()).map(({ from, to, of }) => [from, to, of.kind])
  expect(ties()).toEqual([[0, 2, 'lock']])
  driver.must({
    type: 'report.conflict',
    project: PROJECT,
    cause: 'overlap',
    parties: [holder('a'), holder('b')],
    files: ['README.md'],
    text: 'both change README.md',
    evidence: [],
  })
  expect(ties()).toEqual([
    [0, 1, 'conflict'],
    [0, 2, 'lock'],
  ])
  driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'dismiss' })
  expect(ties()).toEqual([[0, 2, 'lock']])
})

const picture: Picture = {
  scene: { lanes: [], units: [], edges: [], unitOfTask: [] },
  layout: {
    nodes: [
      { x: 0, y: 0 },
      { x: 300, y: 100 },
      { x: 0, y: 200 },
    ],
    lanes: [],
    edges: [],
    width: 400,
    height: 300,
  },
  width: 100,
  heights: [50, 50, 50],
}

test('a line goes from side to side, back as well as forth, and beside cards of one column', () => {
  expect(lineBetween(picture, 0, 1, true).line).toMatch(/^M100 25C.* 293 125$/)
  expect(lineBetween(picture, 1, 0, true).line).toMatch(/^M300 125C.* 107 25$/)
  expect(lineBetween(picture, 0, 2, false)).toMatchObject({
    head: '',
    line: expect.stringMatching(/ 100 225$/),
  })
  expect(lineBetween(picture, 0, 2, false).middle.x).toBeGreaterThan(100)
})

test('lines beside the same cards stand apart, the longest farthest out; others are where they were', () => {
  const column: Picture = {
    ...picture,
    heights: [50, 50, 50, 50],
    layout: { ...picture.layout, nodes: [0, 100, 200, 300].map((y) => ({ x: 0, y })) },
  }
  expect(
    stepsOut(column, [
      [0, 3],
      [0, 2],
      [2, 1],
      [2, 3],
    ]),
  ).toEqual([2, 1, 0, 0])
  expect(
    stepsOut(picture, [
      [0, 1],
      [0, 2],
      [1, 2],
    ]),
  ).toEqual([0, 0, 0])
  const out = (step: number) => lineBetween(column, 0, 3, true, step).middle.x
  expect(out(2)).toBeGreaterThan(out(1))
})
