import { expect, it } from 'vitest'
import { leftAlone, personNeeds } from '../domain/health/person.ts'
import { Driver, PROJECT, RUN } from '../domain/testing/driver.ts'
import { configure, incident, open, SHOP } from '../domain/testing/incidents.ts'
import { tasks } from '../domain/testing/plan.ts'
import { fail, start } from '../domain/testing/steps.ts'
import { withTarget } from '../domain/testing/targets.ts'
import { desktopSummary } from './summary.ts'

const project = (made: Driver) => made.state.projects.get(PROJECT)!
const needs = (made: Driver) => personNeeds(made.state, project(made))

it('names tasks whose retries are used up, and incidents that wait', () => {
  const made = new Driver()
  configure(made, { playbooks: [] })
  made.start(tasks(['a', 'b']))
  start(made, 'a', 'b')
  fail(made, 'a')
  made.must(open({ target: null }))
  expect(needs(made)).toMatchObject([
    { kind: 'task', run: RUN, task: 'a' },
    { kind: 'incident', incident: 'i1', text: incident(made).title },
  ])
  expect(desktopSummary(made.state).needsYou).toBe(2)
})

it('names what was left half done where no incident leads it on, and the tray counts it', () => {
  const made = new Driver()
  withTarget(made, { spec: SHOP, state: 'half', reason: 'the image is back, the data is not' })
  expect(needs(made)).toEqual([
    { kind: 'half', target: 'shop', text: 'shop: the image is back, the data is not' },
  ])
  expect(desktopSummary(made.state)).toMatchObject({ needsYou: 1, look: 'needs-you' })
  configure(made, { playbooks: [] })
  made.must(open())
  expect(leftAlone(project(made))).toEqual([])
  expect(needs(made)).toMatchObject([{ kind: 'incident' }])
  expect(desktopSummary(made.state).needsYou).toBe(1)
})
