import { expect, it } from 'vitest'
import { Driver, PROJECT } from '../testing/driver.ts'
import { alert, configure, incident, received } from '../testing/incidents.ts'
import { KEPT_MARKS } from './incident.ts'
import type { IncomingAlert } from './incidentCommands.ts'

/** More alerts than are remembered, as senders tell them: a thousand at a time. */
const BEYOND = KEPT_MARKS + 500

const storm = (from: number, to: number, more: Partial<IncomingAlert> = {}): readonly IncomingAlert[] =>
  Array.from({ length: to - from }, (_, i) => alert(`s${from + i}`, { group: 'storm', ...more }))

function tell(driver: Driver, alerts: readonly IncomingAlert[]): void {
  for (let at = 0; at < alerts.length; at += 1_000) driver.must(received(...alerts.slice(at, at + 1_000)))
}

const over = { status: 'resolved', endsAt: 2_000 } as const
const marks = (driver: Driver) => Object.keys(driver.state.projects.get(PROJECT)!.alertMarks)

/** `i1` is about the shop alone, `i2` the storm. */
function stormy(): Driver {
  const driver = new Driver()
  configure(driver, { playbooks: [] })
  driver.must(received(alert('shop', { labels: { service: 'shop' } })))
  driver.advance(6 * 60_000)
  tell(driver, storm(0, BEYOND))
  return driver
}

it('of more alerts than are remembered an incident is quiet when those that are remembered have ended', () => {
  const driver = stormy()
  const { id } = driver.state.projects.get(PROJECT)!.incidents.at(-1)!
  expect(marks(driver)).toHaveLength(KEPT_MARKS)
  expect(incident(driver, id).alerts.firing).toBe(KEPT_MARKS - 1)
  tell(driver, storm(0, BEYOND - 1, over))
  expect(incident(driver, id)).toMatchObject({ quietSince: null, alerts: { firing: 1 } })
  tell(driver, storm(BEYOND - 1, BEYOND, over))
  expect(incident(driver, id).alerts.firing).toBe(0)
  expect(incident(driver, id).quietSince).toBe(driver.now)
})

it('what was let go and still fires is told again by its sender, and then the incident is not quiet', () => {
  const driver = stormy()
  const { id } = driver.state.projects.get(PROJECT)!.incidents.at(-1)!
  tell(driver, storm(0, BEYOND, over))
  driver.must(received(alert('s0', { group: 'storm' })))
  expect(incident(driver, id)).toMatchObject({ quietSince: null, alerts: { firing: 1 } })
})

it('a storm makes nothing be forgotten of another incident', () => {
  const driver = stormy()
  expect(marks(driver)).toContain('shop')
  expect(incident(driver)).toMatchObject({ target: 'shop', quietSince: null, alerts: { firing: 1 } })
  driver.must(received(alert('shop', { labels: { service: 'shop' }, ...over })))
  expect(incident(driver)).toMatchObject({ alerts: { firing: 0, resolved: 1 } })
  expect(incident(driver).quietSince).toBe(driver.now)
})
