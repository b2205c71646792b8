import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../../main/domain/plan.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import {
  type FoldState,
  groupsOf,
  initialFold,
  MAX_CARDS,
  openGroup,
  reveal,
  sceneOf,
  toggleLane,
} from './fold.ts'
import { roleEdges, roleScene } from './roleGraph.ts'
import { EDGE_KINDS } from './scene.ts'
import { taskGraph } from './taskGraph.ts'

const plans: fc.Arbitrary<Plan> = fc
  .array(fc.array(fc.array(fc.nat(200), { maxLength: 3 }), { minLength: 1, maxLength: 30 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((phases) => {
    let n = 0
    const lines = phases.map((tasks) =>
      tasks.map((needs) => {
        const id = n++
        const names = new Set(needs.filter((need) => need < id).map((need) => `t${need}`))
        return names.size === 0 ? `t${id}` : `t${id}: ${[...names].join(' ')}`
      }),
    )
    const made = plan(lines, { roles: { A: {}, B: {}, C: {} } })
    const roles = made.roles.map((role) => role.name)
    return { ...made, tasks: made.tasks.map((task, i) => ({ ...task, role: roles[i % 3]! })) }
  })

/** A thousand and more tasks in two phases. */
const large = (size: number): Plan =>
  plan([
    Array.from({ length: size }, (_, i) => `a${i}`),
    Array.from({ length: size }, (_, i) => `b${i}: a${i}`),
  ])

describe('folding', () => {
  test('every task is shown once and every edge between units is kept, with its count', () => {
    fc.assert(
      fc.property(plans, fc.array(fc.nat(3)), fc.nat(20), (of, lanes, open) => {
        const graph = taskGraph(of)
        const folded = new Set(lanes.filter((lane) => lane < graph.lanes.length))
        const groups = [...folded].flatMap((lane) => groupsOf(graph, lane))
        const state: FoldState = { folded, open: groups.slice(0, open % 3).map(({ id }) => id) }
        const scene = sceneOf(graph, state)
        const shown = scene.units.flatMap((unit) =>
          unit.kind === 'task' ? [unit.task] : unit.kind === 'gate' ? [] : [...unit.tasks],
        )
        expect(shown.sort((a, b) => a - b)).toEqual(of.tasks.map((_, i) => i))
        const between = graph.edges.filter(({ from, to }) => scene.unitOfTask[from] !== scene.unitOfTask[to])
        for (const { from, to } of between) {
          const pair = [scene.unitOfTask[from], scene.unitOfTask[to]]
          expect(scene.edges.some((edge) => edge.from === pair[0] && edge.to === pair[1])).toBe(true)
        }
        expect(scene.edges.reduce((sum, { count }) => sum + count, 0)).toBe(between.length)
      }),
      { numRuns: 100 },
    )
  })

  test('a plan that is not too large is drawn as it is', () => {
    expect(initialFold(taskGraph(large(20))).folded.size).toBe(0)
  })

  test('a large plan is folded; whatever is opened, it never gets too much', () => {
    const graph = taskGraph(large(2_000))
    let state = initialFold(graph)
    expect(sceneOf(graph, state).units.length).toBeLessThan(20)
    expect(toggleLane(graph, state, 0)).toBeUndefined()
    for (const group of [...groupsOf(graph, 0), ...groupsOf(graph, 1)]) {
      state = openGroup(graph, state, group.id)
      const { units } = sceneOf(graph, state)
      expect(units.length).toBeLessThanOrEqual(MAX_CARDS)
      expect(units.some((unit) => unit.kind === 'task' && unit.task === group.tasks[0])).toBe(true)
    }
  })

  test('opening one lane folds another when both are too much', () => {
    const graph = taskGraph(large(1_000))
    const first = toggleLane(graph, initialFold(graph), 0)!
    expect([...first.folded]).toEqual([1])
    const second = toggleLane(graph, first, 1)!
    expect([...second.folded]).toEqual([0])
  })

  test('what is looked for gets a card of its own', () => {
    const graph = taskGraph(large(1_000))
    const state = reveal(graph, initialFold(graph), 1_234)
    const { units, unitOfTask } = sceneOf(graph, state)
    expect(units[unitOfTask[1_234]!]).toMatchObject({ kind: 'task', task: 1_234 })
  })
})

describe('the graph of tasks', () => {
  test('phases without needs between them are joined by their order', () => {
    const { edges } = taskGraph(
      plan([
        ['a', 'b'],
        ['c', 'd: c'],
      ]),
    )
    expect(edges.filter(({ kind }) => kind === 'phase')).toEqual([
      { from: 0, to: 2, kind: 'phase' },
      { from: 1, to: 2, kind: 'phase' },
    ])
  })
})

describe('the graph of roles', () => {
  const made = plan(
    [
      ['schema', 'build'],
      ['deploy: schema', 'test'],
    ],
    {
      roles: {
        Database: {},
        Builder: { communication: ['Database' as never] },
        Deployer: { dependencies: ['Builder' as never] },
      },
      with: {
        schema: { role: 'Database' },
        build: { role: 'Builder' },
        deploy: { role: 'Deployer' },
        test: { role: 'Builder' },
      },
    },
  )

  test('holds what tasks feed, what phases order and what the registry says', () => {
    const names = roleEdges(made).map(
      ({ from, to, kind, count }) => `${made.roles[from]!.name} ${kind} ${made.roles[to]!.name} ${count}`,
    )
    expect(names).toEqual([
      'Database work Deployer 1',
      'Database order Builder 1',
      'Builder tells Database 1',
      'Builder asks Deployer 1',
    ])
  })

  test('shows the kinds asked for', () => {
    const scene = roleScene(made, new Set(['work']), () => '')
    expect(scene.edges.map(({ kind }) => kind)).toEqual(['work'])
    expect(roleScene(made, new Set(EDGE_KINDS), () => '').edges).toHaveLength(4)
  })
})
