import { describe, expect, it } from 'vitest'
import { planFor } from './planFor.ts'
import { load, problemsOf, withTask, withTasks } from './testing.ts'

const withMerge = (merge: string, text = withTask('writes: [src]')): string => `${text}merge: ${merge}\n`

describe('checks before merges', () => {
  it('are none unless the project asks for them', () => {
    const project = load(withTask('writes: [src]'))
    expect([project.merge, planFor(project, 'ship')]).toEqual([
      null,
      expect.not.objectContaining({ merge: {} }),
    ])
    expect(planFor(project, 'ship')).not.toHaveProperty('merge')
  })

  it.each([
    ['{check: npm test}', { run: 'npm test', image: null, network: 'run', timeoutMs: 600_000 }, 8],
    [
      '{check: {run: make, image: "node:22", network: internet, timeout: 3 minutes}, batch: 4}',
      { run: 'make', image: { ref: 'node:22' }, network: 'internet', timeoutMs: 180_000 },
      4,
    ],
    [
      '{check: {run: make}}\nlimits: {max_runtime: 1 hour}',
      { run: 'make', image: null, network: 'run', timeoutMs: 3_600_000 },
      8,
    ],
  ])('%s', (merge, check, batch) => {
    expect(planFor(load(withMerge(merge)), 'ship')!.merge).toEqual({ check, batch })
  })

  it.each([
    ['{batch: 4}', '"check" is missing: it must be text or a map'],
    ['{check: npm test, batch: 0}', '"batch" must be at least 1'],
    ['{check: npm test, batch: 65}', '"batch" must be at most 64'],
    ['{check: {image: "node:22"}}', '"run" is missing'],
    ['{check: npm test, batsh: 2}', 'unknown key "batsh" (did you mean "batch"?)'],
    ['npm test', '"merge" must be a map, not text'],
  ])('%s is told what is wrong', (merge, problem) => {
    expect(problemsOf(withMerge(merge)).join('\n')).toContain(problem)
  })

  it('keep their name for themselves', () => {
    const text = withTasks('{id: Merge-Check, agent: BuildMaster, run: x}')
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(withMerge('{check: make}', text))).toEqual([
      'a.yaml:8:18: "merge-check" is what checks before merges are called: choose another id, or leave out "merge"',
    ])
  })
})
