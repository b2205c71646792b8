import { describe, expect, it } from 'vitest'
import { MOST_BY_ITSELF } from '../incidents/following.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { configure, incident, incidents, open, playbook, REMEDIES, told } from '../testing/incidents.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, start } from '../testing/steps.ts'
import { DEFAULT_HEALTH, type Measure } from './policy.ts'

const HOUR = 3_600_000

function driver(): Driver {
  const made = new Driver()
  configure(made, { playbooks: [] })
  return made
}

function cross(made: Driver, measure: Measure, bad: boolean, role: string | null = null) {
  const crossing = { measure, role, bad, value: bad ? 0 : 1, limit: 1 }
  return made.must({ type: 'report.health', project: PROJECT, crossings: [crossing] })
}

describe('what health sees becomes an incident', () => {
  it.each([
    ['host_runner_reachable', 'P1'],
    ['host_disk_free', 'P1'],
    ['agent_task_completion_rate', 'P2'],
  ] as const)('%s is a %s; one, however often it comes and goes', (measure, severity) => {
    const made = driver()
    cross(made, measure, true)
    expect(incident(made)).toMatchObject({ severity, sources: [{ kind: 'health', ref: measure }] })
    const seen = incident(made).timeline.length
    for (let i = 0; i < 5; i++) {
      cross(made, measure, false)
      made.advance(HOUR)
      const again = cross(made, measure, true).map(({ type }) => type)
      expect(again).toEqual(['health.crossed'])
    }
    expect(incidents(made)).toHaveLength(1)
    expect(
      incident(made)
        .timeline.slice(seen)
        .filter(({ text }) => text.startsWith('well again')),
    ).toHaveLength(5)
  })

  it.each(['target_memory_used', 'target_restarts', 'target_error_rate'] as const)(
    '%s is a P1 of its target, where it is said when it is well again',
    (measure) => {
      const made = driver()
      cross(made, measure, true, 'shop')
      cross(made, 'host_disk_free', true)
      cross(made, measure, false, 'shop')
      const [own, other] = incidents(made)
      expect(own).toMatchObject({
        severity: 'P1',
        target: 'shop',
        title: expect.stringMatching(/^Shop: /),
        sources: [{ kind: 'health', ref: measure }],
      })
      expect(own!.timeline.at(-1)!.text).toContain('well again')
      expect(other!.timeline.map(({ text }) => text).join()).not.toContain('well again')
    },
  )

  it('the same again soon after it was closed is that incident, long after another one', () => {
    const made = driver()
    const close = (id: string) =>
      made.must({ type: 'incident.close', project: PROJECT, incident: id, reason: 'made room' })
    cross(made, 'host_disk_free', true)
    close('i1')
    cross(made, 'host_disk_free', false)
    cross(made, 'host_disk_free', true)
    expect(incident(made)).toMatchObject({ state: 'open', reopened: 1 })
    close('i1')
    cross(made, 'host_disk_free', false)
    made.advance(90 * 24 * HOUR)
    cross(made, 'host_disk_free', true)
    expect(incidents(made).map(({ id, state }) => [id, state])).toEqual([
      ['i1', 'closed'],
      ['i2', 'open'],
    ])
  })

  it.each(['host_memory_used', 'host_load', 'agent_error_frequency'] as const)('%s is none', (measure) => {
    const made = driver()
    cross(made, measure, true)
    cross(made, 'agent_task_completion_rate', true, 'Worker')
    expect(incidents(made)).toEqual([])
  })

  it('a paused task is one of P2, and others that flap are told there', () => {
    const made = driver()
    const health = { ...DEFAULT_HEALTH, flapping: { times: 2, withinMs: HOUR } }
    made.start({ ...tasks(['a', 'b'], { all: { retry: 5 } }), health })
    for (const task of ['a', 'b'])
      for (let i = 0; i < 2; i++) {
        made.advance(60_000)
        start(made, task)
        made.must(exited(at(made, task), 1))
      }
    expect(made.attention()).toHaveLength(2)
    expect(incidents(made)).toMatchObject([
      { severity: 'P2', title: 'test #1 a came to grief again and again, and is paused' },
    ])
    expect(
      incident(made)
        .timeline.map(({ text }) => text)
        .join(),
    ).toContain('test #1 b came to grief')
  })
})

it('what comes back again and again is not mended by the engine alone for ever', () => {
  const remedies = REMEDIES.map((remedy) => ({ ...remedy, approval: 'automatic' as const }))
  const made = new Driver()
  configure(made, { playbooks: [playbook({ remedies })] })
  for (let i = 0; i <= MOST_BY_ITSELF; i++) {
    made.must(open())
    const { checks } = incident(made)
    told(made, checks!.run!, 'deploys', { finding: 'memory grows', cause: 'memory_leak', confidence: '0.95' })
    told(made, checks!.run!, 'queries', { finding: 'no slow queries', cause: 'none' })
    expect(incident(made).reopened).toBe(i)
    if (i === MOST_BY_ITSELF) break
    told(made, incident(made).remedy!.run!, 'restart', {})
    told(made, incident(made).verification!.run!, 'verify', { verified: 'true', finding: 'it answers' })
    expect(incident(made).state).toBe('resolved')
  }
  expect(incident(made)).toMatchObject({ state: 'open', remedy: null })
  expect(incident(made).called!.why).toContain('it came back 3 times; decide whether Restart')
})
