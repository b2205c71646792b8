import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { approval, gate, withGates } from '../../../../main/domain/testing/gates.ts'
import { plan as terse } from '../../../../main/domain/testing/plan.ts'
import { sceneOf, UNFOLDED } from './fold.ts'
import { taskGraph } from './taskGraph.ts'

const SPECS = [gate('g', [approval()]), gate('h', [approval()])]
const plan = withGates(
  terse([['a', 'b: a', 'c'], ['d: a'], ['ship', 'tell: ship']], { with: { ship: { kind: 'deploy' } } }),
  SPECS,
  { phases: { 0: ['g', 'h'] }, tasks: { a: ['g'], ship: ['h'] } },
)

function edgesOf(of: ReturnType<typeof sceneOf>): readonly string[] {
  return of.edges.map(({ from, to }) => `${of.units[from]!.id} > ${of.units[to]!.id}`)
}

describe('gates among the units', () => {
  test('one for each place, behind a task, before a deployment, at the end of a lane', () => {
    const gates = sceneOf(taskGraph(plan), UNFOLDED).units.filter(({ kind }) => kind === 'gate')
    expect(gates).toMatchObject([
      { id: 'gate:after:a', lane: 0, names: ['g'] },
      { id: 'gate:before:ship', lane: 2, names: ['h'] },
      { id: 'gate:phase:0', lane: 0, names: ['g', 'h'] },
    ])
  })

  test('every edge leads through the gates that stand on its way, and none goes around one', () => {
    const edges = edgesOf(sceneOf(taskGraph(plan), UNFOLDED))
    expect(edges).toEqual(
      expect.arrayContaining([
        'task:0 > gate:after:a',
        'gate:after:a > task:1',
        'gate:after:a > gate:phase:0',
        'task:1 > gate:phase:0',
        'task:2 > gate:phase:0',
        'gate:phase:0 > task:3',
        'gate:before:ship > task:4',
      ]),
    )
    expect(edges).not.toContain('task:0 > task:1')
    expect(edges).not.toContain('task:0 > task:3')
    expect(edges).not.toContain('task:3 > task:4')
  })

  test('a folded lane keeps the gate at its end, and shows none of its tasks’ gates', () => {
    const scene = sceneOf(taskGraph(plan), { folded: new Set([0]), open: [] })
    expect(scene.units.flatMap(({ kind, id }) => (kind === 'gate' ? [id] : []))).toEqual([
      'gate:before:ship',
      'gate:phase:0',
    ])
  })

  test('with any gates anywhere, what waited for what still does', () => {
    const names = fc.subarray(['g', 'h'])
    fc.assert(
      fc.property(names, names, names, names, (a, b, ship, phase) => {
        const made = withGates(
          { ...plan, phases: plan.phases.map(({ name, mode }) => ({ name, mode })) },
          SPECS,
          {
            phases: { 0: phase, 1: phase },
            tasks: { a, b, ship },
          },
        )
        const graph = taskGraph(made)
        const scene = sceneOf(graph, UNFOLDED)
        const reaches = (from: number, to: number): boolean =>
          from === to || scene.edges.some((edge) => edge.from === from && reaches(edge.to, to))
        for (const { from, to } of graph.edges)
          expect(reaches(scene.unitOfTask[from]!, scene.unitOfTask[to]!)).toBe(true)
      }),
    )
  })
})
