import { describe, expect, test } from 'vitest'
import { projectId } from '../ids.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { by, talking } from '../testing/talk.ts'
import {
  type ComponentChange,
  componentChangeSchema,
  KEPT_CHANGES,
  MAX_COMPONENTS,
  MAX_RISKS,
  type RiskChange,
  riskChangeSchema,
} from './entities.ts'

const risk = (driver: Driver, change: RiskChange, project = PROJECT) =>
  driver.send({ type: 'risk.record', project, risk: change })
const component = (driver: Driver, change: ComponentChange, project = PROJECT) =>
  driver.send({ type: 'component.record', project, component: change })
const project = (driver: Driver) => driver.state.projects.get(PROJECT)!

describe('a risk', () => {
  test('is new with a title and what is usual, and what a change leaves out stays', () => {
    const driver = new Driver()
    expect(risk(driver, { id: 'late', title: 'It may be late' })).toBeUndefined()
    expect(project(driver).risks.late).toMatchObject({
      level: 'medium',
      status: 'open',
      owner: null,
      by: 'person:ann',
    })
    risk(driver, { id: 'late', level: 'high', owner: 'Ann' })
    risk(driver, { id: 'late', status: 'mitigated' })
    expect(project(driver).risks.late).toMatchObject({
      title: 'It may be late',
      level: 'high',
      status: 'mitigated',
      owner: 'Ann',
    })
  })

  test('said twice is recorded once', () => {
    const driver = new Driver()
    for (let i = 0; i < 2; i++) risk(driver, { id: 'late', title: 'It may be late' })
    expect(driver.events('risk.recorded')).toHaveLength(1)
  })

  test('needs a title when it is new, a project, and room', () => {
    const driver = new Driver()
    expect(risk(driver, { id: 'late' })?.reason).toMatch(/needs a title/)
    expect(risk(driver, { id: 'late', title: 'x' }, projectId('none'))?.rejected).toBe('unknown')
    for (let i = 0; i < MAX_RISKS; i++) risk(driver, { id: `r${i}`, title: 'x' })
    expect(risk(driver, { id: 'more', title: 'x' })?.rejected).toBe('not-now')
    expect(risk(driver, { id: 'r1', level: 'low' })).toBeUndefined()
  })

  test.each(['', '-x', 'X', 'a b', '__proto__', 'x'.repeat(65), 'é'])('is not named %j', (id) => {
    expect(riskChangeSchema.safeParse({ id }).success).toBe(false)
  })

  test('may be named like something every object has', () => {
    const driver = new Driver()
    expect(risk(driver, { id: 'constructor' })?.reason).toMatch(/needs a title/)
    expect(risk(driver, { id: 'constructor', title: 'x' })).toBeUndefined()
  })
})

describe('a component', () => {
  test('is new as planned, and keeps its history, the newest of it', () => {
    const driver = new Driver()
    component(driver, { name: 'api/v1' })
    expect(project(driver).components['api/v1']).toMatchObject({ status: 'planned', owners: [], changes: [] })
    for (let i = 0; i < KEPT_CHANGES + 5; i++) component(driver, { name: 'api/v1', change: `no. ${i}` })
    const { changes } = project(driver).components['api/v1']!
    expect(changes).toHaveLength(KEPT_CHANGES)
    expect(changes.at(-1)).toMatchObject({ text: 'no. 204', by: 'person:ann' })
  })

  test('said twice is recorded once, unless it has something for the history', () => {
    const driver = new Driver()
    for (let i = 0; i < 2; i++) component(driver, { name: 'api', owners: ['Ann'], status: 'done' })
    expect(driver.events('component.recorded')).toHaveLength(1)
    for (let i = 0; i < 2; i++) component(driver, { name: 'api', change: 'looked at' })
    expect(driver.events('component.recorded')).toHaveLength(3)
  })

  test('needs a project and room', () => {
    const driver = new Driver()
    expect(component(driver, { name: 'api' }, projectId('none'))?.rejected).toBe('unknown')
    for (let i = 0; i < MAX_COMPONENTS; i++) component(driver, { name: `c${i}` })
    expect(component(driver, { name: 'more' })?.rejected).toBe('not-now')
  })

  test.each(['', '/x', 'x/', 'a//b', '../x', '.x', 'a/../b', '__proto__', 'a b'])(
    'is not named %j',
    (name) => {
      expect(componentChangeSchema.safeParse({ name }).success).toBe(false)
    },
  )
})

test('an agent records them for its project, and the log says in which run', () => {
  const driver = talking(['a'])
  by(driver, 'a', { type: 'agent.risk', risk: { id: 'late', title: 'It may be late' } })
  by(driver, 'a', { type: 'agent.component', component: { name: 'api', change: 'begun' } })
  expect(driver.log.slice(-2).map(({ run, project: of }) => [run, of])).toEqual([
    [RUN, PROJECT],
    [RUN, PROJECT],
  ])
  expect(Object.keys(project(driver).risks)).toEqual(['late'])
})
