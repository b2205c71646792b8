import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { criticalPath, findCycle, topologicalOrder } from './graph.ts'
import { check } from './testing/check.ts'

const edgesOf = (lines: Readonly<Record<string, string>>) =>
  new Map(Object.entries(lines).map(([node, needs]) => [node, needs.split(' ').filter(Boolean)] as const))

/** Any graph over a few nodes, loops included; repeated and unknown needs too. */
const anyGraph = fc
  .array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map((needs) => new Map<string, string[]>(needs.map((list, i) => [`n${i}`, list.map((n) => `n${n}`)])))

/** As above, without loops: needs go to earlier nodes. */
const anyDag = anyGraph.map(
  (edges) => new Map([...edges].map(([node, needs]) => [node, needs.filter((need) => need < node)])),
)

describe('order', () => {
  test('every node after what it needs; the order given among the free', () => {
    const edges = edgesOf({ d: 'b c', c: 'a', b: 'a', a: '' })
    expect(topologicalOrder(['d', 'c', 'b', 'a'], edges)).toEqual(['a', 'c', 'b', 'd'])
    expect(topologicalOrder(['x', 'y', 'z'], new Map())).toEqual(['x', 'y', 'z'])
  })

  test('exists exactly when there is no loop, and holds', () => {
    check(
      500,
      fc.property(anyGraph, (edges) => {
        const nodes = [...edges.keys()]
        const order = topologicalOrder(nodes, edges)
        expect(order === undefined).toBe(findCycle(nodes, edges) !== undefined)
        if (order === undefined) return
        expect([...order].toSorted()).toEqual(nodes.toSorted())
        for (const [node, needs] of edges)
          for (const need of needs)
            if (edges.has(need)) expect(order.indexOf(need)).toBeLessThan(order.indexOf(node))
      }),
    )
  })
})

describe('a cycle is given as the loop', () => {
  test.each([
    [{ a: 'b', b: 'c', c: 'a' }, ['a', 'b', 'c', 'a']],
    [{ a: 'a' }, ['a', 'a']],
    [{ a: 'b', b: 'c', c: 'b' }, ['b', 'c', 'b']],
    [{ a: 'b c', b: 'c', c: '' }, undefined],
  ])('%j', (lines, loop) => {
    const edges = edgesOf(lines as unknown as Record<string, string>)
    expect(findCycle([...edges.keys()], edges)).toEqual(loop)
  })

  test('each step of it is an edge, and only its ends are the same', () => {
    check(
      500,
      fc.property(anyGraph, (edges) => {
        const loop = findCycle([...edges.keys()], edges)
        if (loop === undefined) return
        expect(loop.at(-1)).toBe(loop[0])
        expect(new Set(loop).size).toBe(loop.length - 1)
        loop.slice(1).forEach((node, i) => {
          expect(edges.get(loop[i]!)).toContain(node)
        })
      }),
    )
  })

  test('a chain of 100,000 is no trouble', () => {
    const edges = new Map(Array.from({ length: 100_000 }, (_, i) => [`${i}`, [`${i + 1}`]] as const))
    expect(findCycle(['0'], edges)).toBeUndefined()
    expect(findCycle(['0'], new Map(edges).set('100000', ['0']))).toHaveLength(100_002)
  })
})

describe('the critical path', () => {
  test('is a chain of needs whose weight is the greatest of all chains', () => {
    const weights = fc.array(fc.nat(5), { minLength: 10, maxLength: 10 })
    check(
      500,
      fc.property(anyDag, weights, (edges, numbers) => {
        const nodes = [...edges.keys()]
        const weight = (node: string): number => numbers[Number(node.slice(1))]!
        const heaviest = (node: string): number =>
          weight(node) +
          Math.max(0, ...(edges.get(node) ?? []).filter((need) => edges.has(need)).map(heaviest))
        const { path, length } = criticalPath(nodes, edges, weight)
        expect(length).toBe(Math.max(...nodes.map(heaviest)))
        expect(path.reduce((sum, node) => sum + weight(node), 0)).toBe(length)
        path.slice(1).forEach((node, i) => {
          expect(edges.get(node)).toContain(path[i])
        })
      }),
    )
  })

  test('of nothing, and of a loop, is empty', () => {
    expect(criticalPath([], new Map(), () => 1)).toEqual({ path: [], length: 0 })
    expect(criticalPath(['a'], edgesOf({ a: 'a' }), () => 1)).toEqual({ path: [], length: 0 })
  })
})
