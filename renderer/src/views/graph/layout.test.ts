import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backEdges, longestDepths } from './acyclic.ts'
import { CARD_SIZES, type Layout, type LayoutInput, layOut } from './layout.ts'
import { nearest } from './settling.ts'

const sizes = CARD_SIZES

/** Tasks in phases, each with needs of its own or an earlier phase; as in any plan that may run. */
const inputs = (max: number): fc.Arbitrary<LayoutInput> =>
  fc
    .record({ count: fc.integer({ min: 1, max }), lanes: fc.integer({ min: 1, max: 7 }) })
    .chain(({ count, lanes }) =>
      fc
        .record({
          lane: fc.array(fc.nat({ max: lanes - 1 }), { minLength: count, maxLength: count }),
          height: fc.array(fc.constantFrom(52, 68), { minLength: count, maxLength: count }),
          pairs: fc.array(fc.tuple(fc.nat({ max: count - 1 }), fc.nat({ max: count - 1 })), {
            maxLength: 2 * count,
          }),
        })
        .map(({ lane, height, pairs }) => ({
          lanes,
          sizes,
          nodes: lane.map((of, i) => ({ lane: of, height: height[i]! })),
          edges: pairs
            .filter(([a, b]) => a !== b)
            .map(([a, b]) => (lane[a]! < lane[b]! || (lane[a] === lane[b] && a < b) ? [a, b] : [b, a]))
            .map(([from, to]) => ({ from: from!, to: to! })),
        })),
    )

function expectSound(input: LayoutInput, layout: Layout): void {
  const boxes = layout.nodes.map((at, i) => ({
    ...at,
    right: at.x + sizes.width,
    bottom: at.y + input.nodes[i]!.height,
  }))
  const sorted = boxes.map((_, i) => i).sort((a, b) => boxes[a]!.x - boxes[b]!.x || boxes[a]!.y - boxes[b]!.y)
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [boxes[sorted[i - 1]!]!, boxes[sorted[i]!]!]
    // Columns do not reach into each other, so only neighbours of one column can overlap.
    expect(a.x === b.x ? a.bottom < b.y : a.right < b.x).toBe(true)
  }
  layout.lanes.forEach((lane, n) => {
    if (n > 0) expect(layout.lanes[n - 1]!.x + layout.lanes[n - 1]!.width).toBeLessThan(lane.x)
  })
  input.nodes.forEach(({ lane }, i) => {
    const { x, width, height } = layout.lanes[lane]!
    const box = boxes[i]!
    expect(box.x > x && box.right < x + width && box.y >= sizes.laneHead && box.bottom < height).toBe(true)
  })
  for (const { from, to } of input.edges) {
    const [a, b] = [boxes[from]!, boxes[to]!]
    if (input.nodes[from]!.lane === input.nodes[to]!.lane)
      expect(a.x < b.x || (a.x === b.x && a.y < b.y)).toBe(true)
  }
}

describe('layout', () => {
  test('no cards overlap, lanes are disjoint and in order, needs lie left of or above', () => {
    fc.assert(
      fc.property(inputs(120), (input) => {
        expectSound(input, layOut(input))
      }),
      { numRuns: 150 },
    )
  })

  test('the same input gives the same layout, and every line has numbers only', () => {
    fc.assert(
      fc.property(inputs(60), (input) => {
        const layout = layOut(input)
        expect(layOut(structuredClone(input))).toEqual(layout)
        expect(layout.edges).toHaveLength(input.edges.length)
        for (const { line, head } of layout.edges) expect(line + head).toMatch(/^[MLCZ0-9. -]+$/)
      }),
      { numRuns: 60 },
    )
  })

  test('any edges at all, loops and backward ones too, are laid out without overlap', () => {
    fc.assert(
      fc.property(
        inputs(40),
        fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 40 }),
        (input, more) => {
          const extra = more.filter(([a, b]) => a < input.nodes.length && b < input.nodes.length)
          const edges = [...input.edges, ...extra.map(([from, to]) => ({ from, to }))]
          expectSound({ ...input, edges: [] }, layOut({ ...input, edges }))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a thousand tasks take less than a second', () => {
    const [input] = fc.sample(
      inputs(1_000).filter(({ nodes }) => nodes.length > 900),
      { numRuns: 1, seed: 7 },
    )
    const start = performance.now()
    const layout = layOut(input!)
    expect(performance.now() - start).toBeLessThan(1_000)
    expectSound(input!, layout)
  })

  test('a chain in a lane stands upright; a fan is laid out in columns', () => {
    const node = { lane: 0, height: 52 }
    const chain = layOut({
      lanes: 1,
      sizes,
      nodes: [node, node, node],
      edges: [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
      ],
    })
    expect(new Set(chain.nodes.map(({ x }) => x)).size).toBe(1)
    const fan = layOut({
      lanes: 1,
      sizes,
      nodes: [node, node, node],
      edges: [
        { from: 0, to: 1 },
        { from: 0, to: 2 },
      ],
    })
    expect(fan.nodes[1]!.x).toBe(fan.nodes[2]!.x)
    expect(fan.nodes[0]!.x).toBeLessThan(fan.nodes[1]!.x)
    expect(fan.nodes[0]!.y).toBe((fan.nodes[1]!.y + fan.nodes[2]!.y) / 2)
  })

  test('stacked lanes are one column each, with inner edges beside it', () => {
    const nodes = [0, 0, 0, 1, 1].map((lane) => ({ lane, height: 88 }))
    const edges = [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
      { from: 3, to: 4 },
      { from: 4, to: 0 },
    ]
    const layout = layOut({ lanes: 2, sizes, nodes, edges, stacked: true })
    expect(new Set(layout.nodes.map(({ x }) => x)).size).toBe(2)
    expectSound({ lanes: 2, sizes, nodes, edges: [] }, layout)
  })

  test('a line that skips a lane has a place of its own there', () => {
    const nodes = [0, 1, 1, 1, 2].map((lane) => ({ lane, height: 52 }))
    const edges = [1, 2, 3].flatMap((n) => [
      { from: 0, to: n },
      { from: n, to: 4 },
    ])
    const layout = layOut({ lanes: 3, sizes, nodes, edges: [...edges, { from: 0, to: 4 }] })
    const level = [...layout.edges.at(-1)!.line.matchAll(/L([\d.]+) ([\d.]+)/g)].map((m) => [
      Number(m[1]),
      Number(m[2]),
    ])
    const y = level.find(([x]) => x === layout.nodes[1]!.x + sizes.width)![1]!
    for (const n of [1, 2, 3]) {
      const { y: top } = layout.nodes[n]!
      expect(y < top || y > top + 52).toBe(true)
    }
  })

  test('many cards of one lane stand in several columns', () => {
    const nodes = Array.from({ length: 300 }, () => ({ lane: 0, height: 52 }))
    const layout = layOut({ lanes: 1, sizes, nodes, edges: [] })
    expect(layout.width / layout.height).toBeGreaterThan(0.5)
    expect(layout.width / layout.height).toBeLessThan(2.5)
  })
})

describe('nearest', () => {
  test('keeps what fits and shares what does not', () => {
    const wish = (at: number) => ({ at, weight: 1 })
    expect(nearest([wish(0), wish(100)], [0, 50], 200)).toEqual([0, 100])
    expect(nearest([wish(60), wish(60)], [0, 50], 200)).toEqual([35, 85])
    expect(nearest([wish(10), wish(10)], [0, 50], 200)).toEqual([0, 50])
    expect(nearest([wish(90), wish(300)], [0, 50], 20)).toEqual([20, 70])
  })
})

describe('acyclic', () => {
  test('without the back edges there is no loop', () => {
    const pairs = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 })
    fc.assert(
      fc.property(pairs, (all) => {
        const edges = all.map(([from, to]) => ({ from, to }))
        const back = backEdges(20, edges)
        const kept = edges.filter((_, e) => !back.has(e))
        const depth = longestDepths(20, kept)
        for (const { from, to } of kept) expect(depth[from]).toBeLessThan(depth[to]!)
      }),
    )
  })
})
