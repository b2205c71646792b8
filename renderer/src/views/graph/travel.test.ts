import { describe, expect, test } from 'vitest'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { bringIntoView, firstLook, fitAll } from './camera.ts'
import { sceneOf, UNFOLDED } from './fold.ts'
import { CARD_SIZES, layOut } from './layout.ts'
import { findTasks } from './search.ts'
import { taskGraph } from './taskGraph.ts'
import { type Direction, travel } from './travel.ts'

const PLAN = plan([
  ['a', 'b', 'c'],
  ['d: a', 'e: d', 'f: c'],
])
const scene = sceneOf(taskGraph(PLAN), UNFOLDED)
const layout = layOut({
  lanes: 2,
  nodes: scene.units.map(({ lane }) => ({ lane, height: 52 })),
  edges: scene.edges,
  sizes: CARD_SIZES,
})
const go = (from: string, direction: Direction): string | undefined => {
  const to = travel(
    scene,
    layout,
    PLAN.tasks.findIndex(({ id }) => id === from),
    direction,
  )
  return to === undefined ? undefined : PLAN.tasks[to]!.id
}

describe('keyboard travel', () => {
  test('right to what depends on it, left to what it needs', () => {
    expect(go('a', 'right')).toBe('d')
    expect(go('d', 'right')).toBe('e')
    expect(go('e', 'left')).toBe('d')
    expect(go('f', 'left')).toBe('c')
  })

  test('without an edge that way, to the nearest card there', () => {
    expect(['d', 'e', 'f']).toContain(go('b', 'right'))
    expect(go('a', 'left')).toBeUndefined()
  })

  test('down and up reach every card of a lane', () => {
    const column = ['a', 'b', 'c'].toSorted(
      (x, y) =>
        layout.nodes[PLAN.tasks.findIndex(({ id }) => id === x)]!.y -
        layout.nodes[PLAN.tasks.findIndex(({ id }) => id === y)]!.y,
    )
    expect(go(column[0]!, 'down')).toBe(column[1])
    expect(go(column[1]!, 'down')).toBe(column[2])
    expect(go(column[2]!, 'down')).toBeUndefined()
    expect(go(column[1]!, 'up')).toBe(column[0])
  })
})

describe('the camera', () => {
  const wide = { ...layout, width: 4_000, height: 800 }

  test('shows everything, never larger than life', () => {
    expect(fitAll({ width: 2_000, height: 2_000 }, layout).zoom).toBe(1)
    const { zoom, x } = fitAll({ width: 1_000, height: 600 }, wide)
    expect(x + zoom * wide.width).toBeLessThanOrEqual(1_000)
  })

  test('looks at the part asked for where everything would be too small to read', () => {
    const screen = { width: 700, height: 400 }
    const { zoom, x } = firstLook(screen, wide, { x: 3_900, y: 100 })
    expect(zoom).toBeGreaterThan(0.66)
    expect(3_900 * zoom + x).toBeLessThan(700)
    expect(firstLook(screen, wide, undefined)).toEqual(fitAll(screen, wide))
  })

  test('stays where it is when what is asked for is in view', () => {
    const screen = { width: 700, height: 400 }
    const view = { x: 0, y: 0, zoom: 1 }
    const card = { x: 20, y: 20, width: 188, height: 52 }
    expect(bringIntoView(screen, view, card, true)).toBe(view)
    expect(bringIntoView(screen, view, { ...card, x: 900 }, false).x).toBe(350 - 994)
  })
})

test('search holds all words against name, title and role', () => {
  expect(findTasks(PLAN, '')).toEqual([])
  expect(findTasks(PLAN, 'D worker')).toEqual([3])
  expect(findTasks(PLAN, 'nothing')).toEqual([])
})
