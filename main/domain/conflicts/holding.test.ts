import { describe, expect, it } from 'vitest'
import type { Command } from '../commands.ts'
import { messageDraftSchema } from '../talk/message.ts'
import { PROJECT, RUN } from '../testing/driver.ts'
import { atWork, conflicts, HOUR, holder, resolve, seen } from '../testing/overlapping.ts'
import { at, exited, finish, start } from '../testing/steps.ts'

describe('standing still', () => {
  it('keeps its slot, takes no time and no messages from it are lost', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    const active = driver.run().counts.active
    driver.advance(HOUR)
    expect(driver.run().counts.active).toBe(active)
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT' })
    driver.must(resolve('merge'))
    expect(driver.attempt('b').pausedMs).toBe(HOUR)
  })

  it('ends with it, when its process was quicker', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must(exited(at(driver, 'b')))
    expect(driver.task('b').state).toBe('COMPLETED')
  })

  it('ends when a person stops it', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must({ type: 'agent.stop', run: RUN, task: 'b', force: false })
    driver.must(exited(at(driver, 'b'), 143))
    expect(driver.task('b')).toMatchObject({ state: 'FAILED', outcome: 'cancelled' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ by: 'engine' })
  })

  it('is kept over a pause of its run, which a person ends', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must({ type: 'run.pause', run: RUN })
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', paused: true })
    driver.must({ type: 'run.pause', run: RUN })
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: true })
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('leaves paused what a person had paused', () => {
    const driver = atWork()
    driver.must({ type: 'agent.pause', run: RUN, task: 'b' })
    driver.must(seen('predicted', { hold: [holder('b')] }))
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: true })
  })
})

describe('settled meanwhile', () => {
  const overlap = (files: string[], parties: string[]): Command => seen('overlap', { files, parties })
  const settled = (id: string, keep: string): Command =>
    ({ ...resolve('wait', keep), conflict: id }) as Command

  it('one that stands still for one conflict waits for the other, too', () => {
    const driver = atWork()
    start(driver, 'c')
    driver.must(overlap(['x'], [holder('a'), holder('b')]))
    driver.must(overlap(['y'], [holder('c'), holder('b')]))
    driver.must(settled('c1', holder('a')))
    driver.must(settled('c2', holder('c')))
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', conflict: { id: 'c1' } })
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({
      state: 'CONFLICT',
      paused: true,
      conflict: { id: 'c2', wasPaused: false },
      effects: ['agent.pause'],
    })
    finish(driver, 'c')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('but not for one that waits for it by now', () => {
    const driver = atWork()
    start(driver, 'c')
    driver.must(overlap(['x'], [holder('a'), holder('b')]))
    driver.must(overlap(['y'], [holder('c'), holder('b')]))
    driver.must(settled('c1', holder('a')))
    driver.must(settled('c2', holder('c')))
    driver.must({
      type: 'agent.send',
      ...at(driver, 'c'),
      message: messageDraftSchema.parse({ to: 'b', type: 'REQUEST', kind: 'question', content: '?' }),
    })
    const on = `m${driver.run().talk.messages.count}`
    driver.must({ type: 'agent.await', ...at(driver, 'c'), on, seconds: 3_600 })
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('one that begins after it waits from then on', () => {
    const driver = atWork()
    expect(driver.attempt('c').state).toBe('WAITING')
    driver.must(overlap(['x'], [holder('a'), holder('c')]))
    driver.must(settled('c1', holder('a')))
    start(driver, 'c')
    expect(driver.attempt('c')).toMatchObject({ state: 'CONFLICT', conflict: { id: 'c1' } })
    finish(driver, 'a')
    expect(driver.attempt('c')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('nobody waits for one that is over', () => {
    const driver = atWork()
    finish(driver, 'a')
    driver.must(seen('merge', { files: ['x'], parties: [holder('a'), holder('b')] }))
    driver.must({ type: 'report.conflict-gone', project: PROJECT, conflict: 'c1', detail: '' })
    driver.must(seen('predicted', { files: ['x'], parties: [holder('a'), holder('b')] }))
    expect(driver.send(settled('c2', holder('a')))).toMatchObject({
      reason: 'a is over: nobody waits for it any more',
    })
  })
})
