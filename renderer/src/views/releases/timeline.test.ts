import { describe, expect, test } from 'vitest'
import { runId, taskId } from '../../../../main/domain/ids.ts'
import { Driver, PROJECT } from '../../../../main/domain/testing/driver.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { addPoint, change, project, release, withTarget } from '../../../../main/domain/testing/targets.ts'
import { changeText } from './changeText.ts'
import { between, chosenIn, isSame, markOfPoint, timelineOf } from './timeline.ts'
import { words } from './words.ts'

const w = words.en

function story(): Driver {
  const driver = Driver.running(plan([['a']]))
  withTarget(driver, { current: null })
  addPoint(driver, 'r1/deploy#1', { release: null })
  driver.advance(1_000)
  const current = { release: release('v1'), by: 'r1/deploy#1', at: driver.now, before: 'p1', verified: true }
  withTarget(driver, { current, history: [current] })
  driver.advance(1_000)
  addPoint(driver, 'r2/apply', { target: null, release: null, database: null })
  addPoint(driver, 'r3/migrate#1', { why: 'migrate' })
  driver.advance(1_000)
  const deed = {
    kind: 'migrate',
    target: 'shop',
    run: runId('r3'),
    task: taskId('migrate'),
    attempt: 1,
  } as const
  change(driver, (one) => ({ ...one, deeds: [{ ...deed, at: driver.now, text: 'drops a column' }] }))
  return driver
}

describe('the story of a project’s releases', () => {
  test('is told newest first, each with how it ended, and of one target alone where that is asked', () => {
    const all = timelineOf(project(story()))
    expect(all.map(({ kind, id }) => [kind, id])).toEqual([
      ['deed', 'd:r3/migrate#1:migrate'],
      ['point', 'p3'],
      ['point', 'p2'],
      ['release', 'r:shop:r1/deploy#1'],
      ['point', 'p1'],
    ])
    expect(timelineOf(project(story()), null).map(({ id }) => id)).toEqual(['p2'])
    expect(timelineOf(project(story()), 'shop')).toHaveLength(4)
  })

  test('says what changed after a point until the next one of its target, or until now', () => {
    const { points } = project(story())
    const entries = timelineOf(project(story()))
    const told = (id: string): string => {
      const entry = entries.find((one) => one.id === id)
      return entry?.kind === 'point' ? changeText(w, entry.changed) : ''
    }
    expect(points).toHaveLength(3)
    expect(told('p1')).toBe('nothing → v1')
    expect(told('p3')).toBe('migrated: drops a column')
    const repository = entries.find(({ id }) => id === 'p2')
    expect(repository?.kind === 'point' && isSame(repository.changed)).toBe(true)
  })

  test('a point that cannot be restored is not well, whatever it holds', () => {
    const driver = story()
    driver.must({ type: 'point.pin', project: PROJECT, point: 'p3' })
    const [point] = project(driver).points
    expect(markOfPoint({ ...point!, good: true, tested: null })).toBe('done')
    expect(markOfPoint({ ...point!, good: true, tested: { at: 0, ok: false, detail: '' } })).toBe('failed')
    expect(markOfPoint({ ...point!, good: false, tested: null })).toBe('waiting')
  })

  test('what is looked at is in the address, the older point first', () => {
    expect(chosenIn('p14')).toEqual({ kind: 'point', point: 'p14' })
    expect(chosenIn('p1~p3')).toEqual({ kind: 'between', from: 'p1', to: 'p3' })
    expect(chosenIn('p1~now')).toEqual({ kind: 'between', from: 'p1', to: null })
    for (const at of [undefined, '', 'c7', 'gate:phase:0', 'p1~', 'p1~c3'])
      expect(chosenIn(at)).toBeUndefined()
    expect(between(project(story()), 'p3', 'p1')).toBe('p1~p3')
    expect(between(project(story()), 'p3', null)).toBe('p3~now')
  })
})
