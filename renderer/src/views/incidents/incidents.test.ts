import { expect, test } from 'vitest'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { incidentAt, rollbackAt } from '../../../../main/domain/incidents/address.ts'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { Driver, PROJECT } from '../../../../main/domain/testing/driver.ts'
import {
  alert,
  configure,
  decide,
  incident,
  open,
  received,
  told,
} from '../../../../main/domain/testing/incidents.ts'
import {
  clockOf,
  findIncident,
  firingOf,
  markOf,
  matchesIncident,
  stripOf,
  wantsRollback,
} from './incidents.ts'

const MINUTE = 60_000

function opened(): Driver {
  const driver = new Driver()
  configure(driver)
  driver.must(open())
  return driver
}

function diagnosed(driver: Driver): void {
  const run = incident(driver).checks!.run!
  told(driver, run, 'deploys', { finding: 'v2 went out', cause: 'recent_deploy', confidence: '0.6' })
  told(driver, run, 'queries', { finding: 'inserts fail', cause: 'bad_migration', confidence: '94 %' })
}

test('an address leads to one incident of one project, and on to its rollback', () => {
  const { state } = opened()
  const at = incidentAt(PROJECT, 'i1')
  expect(findIncident(state, at)?.incident.id).toBe('i1')
  expect(findIncident(state, 'i1')?.project.id).toBe(PROJECT)
  expect(findIncident(state, rollbackAt(PROJECT, 'i1'))?.incident.id).toBe('i1')
  expect([wantsRollback(at), wantsRollback(rollbackAt(PROJECT, 'i1')), wantsRollback(undefined)]).toEqual([
    false,
    true,
    false,
  ])
  for (const wrong of ['i2', incidentAt('other' as ProjectId, 'i1'), 'waits', '', '~', undefined])
    expect(findIncident(state, wrong)).toBeUndefined()
})

test('the clock counts down until somebody acknowledges, then up, then stands', () => {
  const driver = opened()
  const now = driver.now + 5 * MINUTE
  expect(clockOf(incident(driver), now)).toEqual({
    kind: 'respond',
    openMs: 5 * MINUTE,
    ofMs: 15 * MINUTE,
    leftMs: 10 * MINUTE,
  })
  expect(clockOf(incident(driver), driver.now + 16 * MINUTE)).toMatchObject({ leftMs: -MINUTE })
  driver.advance(MINUTE)
  driver.must({ type: 'incident.acknowledge', project: PROJECT, incident: 'i1' })
  expect(clockOf(incident(driver), driver.now)).toEqual({ kind: 'open', openMs: MINUTE, lateMs: null })
  driver.must({ type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'a false alarm' })
  expect(clockOf(incident(driver), driver.now + MINUTE)).toEqual({
    kind: 'over',
    tookMs: MINUTE,
    agoMs: MINUTE,
  })
})

test('what needs a person looks so, whatever else goes on', () => {
  const driver = opened()
  expect(markOf(incident(driver))).toBe('needs-you')
  driver.must({ type: 'incident.acknowledge', project: PROJECT, incident: 'i1' })
  expect(markOf(incident(driver))).toBe('running')
  diagnosed(driver)
  expect(markOf(incident(driver))).toBe('needs-you')
  driver.must(decide('fix-forward'))
  expect(markOf(incident(driver))).toBe('needs-you')
  driver.must({ type: 'incident.decide', project: PROJECT, incident: 'i1', choice: 'fixed' })
  expect(['running', 'done']).toContain(markOf(incident(driver)))
})

test('the strip tells what matters in the order in which it happened, each once', () => {
  const driver = opened()
  driver.advance(MINUTE)
  driver.must({ type: 'incident.acknowledge', project: PROJECT, incident: 'i1' })
  driver.advance(MINUTE)
  diagnosed(driver)
  driver.must(decide('fix-forward'))
  const strip = stripOf(incident(driver), undefined)
  expect(strip.map(({ kind }) => kind)).toEqual(['opened', 'acknowledged', 'diagnosis', 'decision', 'remedy'])
  expect(strip.map(({ at }) => at)).toEqual(strip.map(({ at }) => at).toSorted((a, b) => a - b))
})

test('how many alerts fire when, of those that are kept', () => {
  const driver = new Driver()
  configure(driver)
  expect(firingOf({ alerts: { latest: [] } } as unknown as Incident, 9)).toEqual([])
  driver.must(received(alert('a'), alert('b')))
  const one = incident(driver)
  const from = Math.min(...one.alerts.latest.map(({ startsAt }) => startsAt))
  const series = firingOf(one, from + MINUTE)
  expect(series[0]).toEqual({ at: from, count: 0 })
  expect(series.at(-1)).toEqual({ at: from + MINUTE, count: 2 })
})

test('is found by what stands in it', () => {
  const one = incident(opened())
  for (const text of ['', one.title.slice(0, 5), 'p0 i1', one.target ?? '', 'OPEN'])
    expect(matchesIncident(one, text)).toBe(true)
  expect(matchesIncident(one, 'i1 nothing like it')).toBe(false)
})
