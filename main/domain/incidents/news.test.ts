import { expect, test } from 'vitest'
import { Driver, PROJECT } from '../testing/driver.ts'
import { configure, open } from '../testing/incidents.ts'
import { calledFor, incidentNews } from './news.ts'

test('a P0 is told at once, taken back when somebody has seen to it, and told when it is resolved', () => {
  const driver = new Driver()
  configure(driver, { playbooks: [] })
  const news = (command: Parameters<Driver['must']>[0]) =>
    driver.must(command).flatMap((event) => incidentNews(event, driver.state) ?? [])
  const key = `${PROJECT}!i1`
  expect(news(open({ target: null }))).toMatchObject([
    { type: 'tell', key, urgent: true, title: 'P0 i1: Checkout fails' },
  ])
  expect(calledFor(driver.state)).toEqual({ count: 1, urgent: true })
  const base = { project: PROJECT, incident: 'i1' }
  expect(news({ type: 'incident.acknowledge', ...base })).toEqual([{ type: 'withdraw', key }])
  // Nothing could be checked: what is to be done waits for a person still.
  expect(calledFor(driver.state)).toEqual({ count: 1, urgent: false })
  driver.must({ type: 'incident.decide', ...base, choice: 'fix-forward' })
  expect(news({ type: 'incident.decide', ...base, choice: 'fixed' })).toMatchObject([
    { type: 'tell', key, urgent: false },
  ])
  expect(calledFor(driver.state)).toEqual({ count: 0, urgent: false })
})
