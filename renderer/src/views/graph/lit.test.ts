import { expect, test } from 'vitest'
import { handoffDocumentSchema } from '../../../../main/domain/talk/handoff.ts'
import { messageDraftSchema } from '../../../../main/domain/talk/message.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { start } from '../../../../main/domain/testing/steps.ts'
import { LIT_STEPS, type Lighting, lineFinder, MOST_LIT, nextStep, waysOf } from './lit.ts'
import type { Scene } from './scene.ts'

const line = (key: string) => ({ key, line: `M${key}` })

test('what is lit grows fainter and goes out; never too much at once', () => {
  let lit: Lighting = nextStep(
    new Map(),
    Array.from({ length: 30 }, (_, i) => line(`${i}`)),
  )
  expect(lit.size).toBe(MOST_LIT)
  for (let step = 1; step < LIT_STEPS; step++) {
    lit = nextStep(lit, [line('0')])
    expect(lit.get('0')?.step).toBe(0)
    expect(lit.get('1')?.step).toBe(step)
  }
  expect([...nextStep(lit, []).keys()]).toEqual(['0'])
})

test('messages go to their receivers, hand-offs there and back', () => {
  const driver = Driver.running(tasks(['a', 'b', 'c']))
  start(driver, 'a', 'b', 'c')
  const at = (task: string) => ({ run: RUN, task: driver.index(task), attempt: 1 })
  const document = handoffDocumentSchema.parse({ title: 'x', to: 'b' })
  const message = messageDraftSchema.parse({ to: 'all', type: 'UPDATE' })
  const from = driver.log.length
  driver.must({ type: 'agent.send', ...at('a'), message })
  driver.must({ type: 'message.send', run: RUN, message })
  driver.must({ type: 'agent.hand-off', ...at('a'), handoff: null, document })
  driver.must({ type: 'report.validated', ...at('a'), handoff: 'h1', checks: [] })
  driver.must({ type: 'agent.accept', ...at('b'), handoff: 'h1' })
  const ways = driver.log.slice(from).flatMap(({ data }) => waysOf(data, driver.run()))
  expect(ways).toEqual([
    [0, 1],
    [0, 2],
    [0, 1],
    [0, 1],
    [1, 0],
  ])
})

test('along the edge that is there, whichever way it points; else along an arc', () => {
  const unit = (task: number) => ({ kind: 'task' as const, id: `${task}`, lane: 0, task })
  const scene: Scene = {
    lanes: [],
    units: [unit(0), unit(1), unit(2)],
    edges: [{ from: 0, to: 1, kind: 'need', count: 1 }],
    unitOfTask: [0, 1, 2, -1, 2],
  }
  const nodes = [0, 1, 2].map((n) => ({ x: n * 200, y: 0 }))
  const edges = [{ line: 'Mthere', head: '', middle: { x: 0, y: 0 }, nearEnd: { x: 0, y: 0 } }]
  const layout = { nodes, edges, lanes: [], width: 600, height: 50 }
  const find = lineFinder({ scene, layout, width: 100, heights: [50, 50, 50] })
  expect(find(1, 0)).toEqual({ key: '0-1', line: 'Mthere' })
  expect(find(0, 2)).toEqual({ key: '0-2', line: 'M50 25Q250 -55 450 25' })
  expect(find(2, 4)).toBeUndefined()
  expect(find(0, 3)).toBeUndefined()
})
