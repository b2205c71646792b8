import { expect, test } from 'vitest'
import type { TargetRecord } from '../targets/target.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { project, withTarget } from '../testing/targets.ts'

const seen = (healthy: boolean) =>
  ({
    type: 'report.target-health',
    project: PROJECT,
    target: 'shop',
    healthy,
    words: 'it answers 500',
    flaps: null,
  }) as const

test.each<[string, Partial<TargetRecord>]>([
  ['somebody is at work on', { busy: 'r1/deploy#1' }],
  ['was left half done', { state: 'half', reason: 'the image could not be started' }],
  ['did not verify when it was released', { state: 'unhealthy', reason: 'it does not verify' }],
  ['has nothing released', { current: null }],
])('a target that %s is called neither unwell nor well by what is seen of it', (_, more) => {
  const driver = new Driver()
  withTarget(driver, more)
  const before = project(driver).targets['shop']
  for (const healthy of [false, true]) expect(driver.send(seen(healthy))).toMatchObject({ rejected: 'stale' })
  expect(project(driver).targets['shop']).toBe(before)
})

test('what health called unwell it calls well again, each once', () => {
  const driver = new Driver()
  withTarget(driver)
  expect(driver.must(seen(true))).toEqual([])
  driver.must(seen(false))
  expect(project(driver).targets['shop']).toMatchObject({ state: 'unhealthy' })
  expect(driver.must(seen(false))).toEqual([])
  driver.must(seen(true))
  expect(project(driver).targets['shop']).toMatchObject({ state: 'healthy', reason: null })
})

test('what crosses a limit is told once, whoever tells it again', () => {
  const driver = new Driver()
  const crossing = { measure: 'host_disk_free', role: null, bad: true, value: 0, limit: 1 } as const
  const told = () =>
    driver
      .must({ type: 'report.health', project: PROJECT, crossings: [crossing, crossing] })
      .filter(({ data }) => data.type === 'health.crossed').length
  expect([told(), told()]).toEqual([1, 0])
})
