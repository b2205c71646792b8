import { describe, expect, it, test } from 'vitest'
import { runId } from '../ids.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import {
  alert,
  configure,
  decide,
  incident,
  incidents,
  open,
  playbook,
  REMEDIES,
  received,
  SHOP,
  told,
} from '../testing/incidents.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, start, started } from '../testing/steps.ts'
import { addPoint, change, withTarget } from '../testing/targets.ts'

const MINUTE = 60_000

function driver(...policy: Parameters<typeof configure> extends [Driver, ...infer P] ? P : never): Driver {
  const made = new Driver()
  configure(made, ...policy)
  return made
}

/** Both checks are over, and say it was the migration. */
function diagnosed(made: Driver, id = 'i1'): void {
  const run = incident(made, id).checks!.run!
  told(made, run, 'deploys', { finding: 'v2 went out', cause: 'recent_deploy', confidence: '0.6' })
  told(made, run, 'queries', { finding: 'inserts fail', cause: 'bad_migration', confidence: '94 %' })
}

function leaking(made: Driver, id = 'i1'): void {
  const run = incident(made, id).checks!.run!
  told(made, run, 'deploys', { finding: 'memory grows', cause: 'memory_leak', confidence: '0.95' })
  told(made, run, 'queries', { finding: 'no slow queries', cause: 'none' })
}

describe('an incident', () => {
  it('calls a person, tells agents at work and starts its checks in the commit that opens it', () => {
    const made = driver()
    made.start(tasks(['a']))
    start(made, 'a')
    const events = made.must(open()).map(({ type }) => type)
    expect(events.filter((type) => type !== 'target.declared').slice(0, 6)).toEqual([
      'incident.opened',
      'incident.called',
      'message.sent',
      'incident.noted',
      'run.started',
      'incident.checking',
    ])
    const { checks, called, lead, state } = incident(made)
    expect({ called: called!.whom, lead, state }).toEqual({
      called: 'Ada (Context Manager)',
      lead: 'MonitoringSentinel',
      state: 'open',
    })
    expect(made.active(checks!.run!)).toEqual(['deploys', 'queries'])
    expect(made.run().talk.messages.count).toBe(1)
    expect(made.answer?.incident).toBe('i1')
  })

  it('has its causes when the checks are over, with what speaks for them, and what can be done', () => {
    const made = driver()
    made.must(open())
    diagnosed(made)
    const { diagnosis, choices, findings } = incident(made)
    expect(findings.map(({ check, cause, confidence }) => [check, cause, confidence])).toEqual([
      ['deploys', 'recent_deploy', 0.6],
      ['queries', 'bad_migration', 0.94],
    ])
    // 1 − (1 − 0.9 × 0.94) × (1 − 0.4 × 0.6)
    expect(diagnosis!.causes.map(({ cause, confidence }) => [cause, confidence])).toEqual([
      ['bad_migration', 0.883],
    ])
    expect(choices.map(({ id, barred }) => [id, barred])).toEqual([
      ['rollback', 'there is no rollback point of shop'],
      ['restart', null],
      ['fix-forward', null],
    ])
  })

  it('is resolved when what was decided was carried out and is seen to have helped', () => {
    const made = driver()
    made.must(open())
    leaking(made)
    expect(incident(made).choices[0]!.id).toBe('restart')
    made.must(decide('restart'))
    expect(incident(made)).toMatchObject({
      state: 'mitigating',
      decision: { by: 'person:ann', choice: 'restart' },
    })
    told(made, incident(made).remedy!.run!, 'restart', {})
    expect(incident(made).state).toBe('verifying')
    told(made, incident(made).verification!.run!, 'verify', { verified: 'true', finding: 'it answers' })
    const { state, followUps, verification } = incident(made)
    expect({ state, detail: verification!.detail }).toEqual({ state: 'resolved', detail: 'it answers' })
    expect(followUps).toMatchObject([{ id: 'f1', kind: 'post-mortem', done: null }])
  })

  it('goes back to a person when the remedy did not help', () => {
    const made = driver()
    made.must(open())
    leaking(made)
    made.must(decide('restart'))
    told(made, incident(made).remedy!.run!, 'restart', {})
    told(made, incident(made).verification!.run!, 'verify', { verified: 'false', reason: 'still 500' })
    expect(incident(made)).toMatchObject({ state: 'acknowledged', verification: { ok: false } })
    expect(incident(made).called!.why).toContain('not well after the remedy')
    expect(incidents(made)).toHaveLength(1)
    made.must(decide('restart'))
    told(made, incident(made).remedy!.run!, 'restart', {}, 1)
    expect(incident(made)).toMatchObject({ state: 'acknowledged', remedy: { ok: false } })
  })

  it('is mended by the engine alone where the playbook lets it and the cause is sure enough', () => {
    const remedies = REMEDIES.map((remedy) => ({ ...remedy, approval: 'automatic' as const }))
    const made = driver({ playbooks: [playbook({ remedies })] })
    made.must(open())
    leaking(made)
    expect(incident(made)).toMatchObject({
      state: 'mitigating',
      decision: { by: 'engine', choice: 'restart' },
    })
    expect(made.active(incident(made).remedy!.run!)).toEqual(['restart'])
  })

  const byItself = REMEDIES.map((remedy) => ({ ...remedy, approval: 'automatic' as const }))

  it.each([
    ['of which nobody is sure enough', byItself, { cause: 'memory_leak', confidence: '0.5' }],
    ['that a person decides on', REMEDIES, { cause: 'memory_leak', confidence: '1' }],
    // Nothing is known against what is most likely; what mends the next is not for the engine to try.
    ['whose remedy nobody knows', byItself, { cause: 'dns_down', confidence: '1' }],
  ] as const)('is left to people where its cause is one %s', (_, remedies, outputs) => {
    const diagnosis = playbook().diagnosis.map((row) => ({ ...row, needs: [], against: [] }))
    const made = driver({ playbooks: [playbook({ remedies, diagnosis, enough: 0.65 })] })
    made.must(open())
    const run = incident(made).checks!.run!
    told(made, run, 'deploys', { finding: 'f', ...outputs })
    told(made, run, 'queries', { finding: 'f', cause: 'memory_leak', confidence: '0.3' })
    expect(incident(made)).toMatchObject({ state: 'open', decision: null })
    expect(incident(made).choices[0]).toMatchObject({ id: 'restart', barred: null })
  })

  it('is left to people once it has come back three times, whatever the engine may do alone', () => {
    const made = driver({ playbooks: [playbook({ remedies: byItself })] })
    for (let times = 0; times < 3; times++) {
      made.must(open())
      leaking(made)
      told(made, incident(made).remedy!.run!, 'restart', {})
      told(made, incident(made).verification!.run!, 'verify', { verified: 'true' })
      expect(incident(made)).toMatchObject({ state: 'resolved', reopened: times })
    }
    made.must(open())
    leaking(made)
    expect(incident(made)).toMatchObject({ state: 'open', reopened: 3, decision: null })
    expect(incident(made).called!.why).toContain('it came back 3 times')
  })

  it('is mended by people who say when they have', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null }))
    made.must(decide('fix-forward'))
    expect(made.send(decide('restart'))).toMatchObject({ rejected: 'not-now' })
    made.must(decide('fixed'))
    expect(incident(made).state).toBe('resolved')
  })

  it('says what it has learnt before its post-mortem is done', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null }))
    made.must(decide('fix-forward'))
    made.must(decide('fixed'))
    const review = { type: 'incident.review', project: PROJECT, incident: 'i1' } as const
    expect(made.send({ ...review, done: 'f1' })).toMatchObject({ rejected: 'not-now' })
    made.must({ ...review, rootCause: 'a NOT NULL column', prevention: 'a check of migrations' })
    made.must({ ...review, done: 'f1' })
    expect(incident(made).followUps).toMatchObject([
      { id: 'f1', done: { by: 'person:ann' } },
      { id: 'f2', kind: 'prevention', done: null },
    ])
  })

  it('is one with another after a merge, and says where it went', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null, title: 'a' }))
    made.must(open({ target: null, title: 'b' }))
    made.must({ type: 'incident.merge', project: PROJECT, incident: 'i2', into: 'i1' })
    expect(incident(made, 'i2')).toMatchObject({ state: 'merged', mergedInto: 'i1' })
    expect(incident(made).duplicates).toEqual(['i2'])
  })

  it('counts what fires once, where it fires now', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a', { group: 'g' })))
    made.must({ type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'enough' })
    made.must(received(alert('b', { group: 'h' })))
    made.must(received(alert('a', { group: 'g', startsAt: 5_000 })))
    expect(incidents(made).map(({ id, alerts }) => [id, alerts.firing])).toEqual([
      ['i1', 0],
      ['i2', 2],
    ])
  })

  it('is not told what fires at another target, in a storm or in a group', () => {
    const made = driver({ playbooks: [] })
    change(made, (one) => ({ ...one, setup: { ...one.setup!, targets: [SHOP, { ...SHOP, name: 'blog' }] } }))
    const of = (target: string) => ({ group: 'g', labels: { severity: 'critical', service: target } })
    made.must(received(alert('a', of('shop'))))
    made.must(received(alert('b', of('blog'))))
    expect(incidents(made).map(({ target }) => target)).toEqual(['shop', 'blog'])
  })

  it('takes what fires within the time of a storm, and not a moment later', () => {
    const made = driver({ playbooks: [], stormMs: 1_000 })
    for (const [name, pause] of [
      ['a', 1_000],
      ['b', 1_001],
      ['c', 0],
    ] as const) {
      made.must(received(alert(name)))
      made.advance(pause)
    }
    expect(incidents(made).map(({ alerts }) => alerts.firing)).toEqual([2, 1])
  })

  it('about a point that cannot be restored is ended by one that can, but not while somebody mends it', () => {
    const made = driver({ playbooks: [] })
    withTarget(made)
    addPoint(made, 'k1')
    const tested = (n: number, ok: boolean): void => {
      const run = runId(`t${n}`)
      made.must({ type: 'point.test', project: PROJECT, point: 'p1', run })
      const outputs = { tested: JSON.stringify({ point: 'p1', ok, detail: 'd', ms: 1 }) }
      made.must(started(at(made, 'test', run)))
      made.must(exited(at(made, 'test', run), ok ? 0 : 1, { outputs }))
    }
    tested(1, false)
    made.must(decide('fix-forward'))
    tested(2, true)
    expect(incident(made).state).toBe('mitigating')
    made.must(decide('fixed'))
    tested(3, false)
    expect(incident(made)).toMatchObject({ state: 'open', reopened: 1 })
    tested(4, true)
    expect(incident(made).state).toBe('closed')
  })

  it('hands what fires on with a merge', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null }))
    made.must(received(alert('a', { group: 'g' })))
    made.must({ type: 'incident.merge', project: PROJECT, incident: 'i2', into: 'i1' })
    expect(incidents(made).map(({ alerts }) => alerts.firing)).toEqual([1, 0])
  })

  it('takes on what is worse of one that is merged into it, and calls as if it had been so', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null, severity: 'P2' }))
    made.must(open({ target: 'shop', severity: 'P0' }))
    made.must({ type: 'incident.merge', project: PROJECT, incident: 'i2', into: 'i1' })
    expect(incident(made)).toMatchObject({
      severity: 'P0',
      target: 'shop',
      level: { responseMs: 15 * MINUTE },
    })
    expect(incident(made).called).not.toBeNull()
    made.advance(15 * MINUTE)
    expect(incident(made).overdue).toBe(true)
  })

  it('stays as it is where what is merged into it was less, or over', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null, severity: 'P1' }))
    made.must(open({ target: null, severity: 'P2' }))
    made.must(open({ target: 'shop', severity: 'P0' }))
    made.must(decide('fix-forward', 'i3'))
    made.must(decide('fixed', 'i3'))
    const run = incident(made, 'i3').verification!.run!
    made.must(started(at(made, 'verify', run)))
    made.must(exited(at(made, 'verify', run)))
    expect(incident(made, 'i3').state).toBe('resolved')
    for (const gone of ['i2', 'i3'])
      made.must({ type: 'incident.merge', project: PROJECT, incident: gone, into: 'i1' })
    expect(incident(made)).toMatchObject({ severity: 'P1', target: null })
  })

  it('is not closed while people mend it, and says what ends that', () => {
    const made = driver({ playbooks: [] })
    made.must(open({ target: null }))
    made.must(decide('fix-forward'))
    const close = { type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'enough' } as const
    expect(made.send(close)).toMatchObject({ rejected: 'not-now', reason: expect.stringContaining('fixed') })
  })

  it('has a reason when it is closed without being resolved', () => {
    const made = driver({ playbooks: [] })
    made.must(open())
    const close = { type: 'incident.close', project: PROJECT, incident: 'i1' } as const
    expect(made.send({ ...close, reason: '' })).toMatchObject({ rejected: 'invalid' })
    made.must({ ...close, reason: 'a false alarm' })
    expect(incident(made).state).toBe('closed')
  })
})

describe('its time to respond', () => {
  test.each([
    ['P0', 15],
    ['P1', 60],
    ['P2', 240],
  ] as const)('of a %s is %i minutes, then who leads is called', (severity, minutes) => {
    const made = driver({ playbooks: [] })
    made.must(open({ severity }))
    made.advance(minutes * MINUTE - 1)
    expect(incident(made).overdue).toBe(false)
    made.advance(1)
    expect(incident(made)).toMatchObject({
      overdue: true,
      called: { why: `nobody acknowledged this ${severity} within ${minutes} minutes` },
    })
  })

  it('is kept by an acknowledgement, also over a restart', () => {
    const made = driver({ playbooks: [] })
    made.must(open())
    made.must({ type: 'incident.acknowledge', project: PROJECT, incident: 'i1' })
    made.restart()
    made.advance(60 * MINUTE)
    expect(incident(made)).toMatchObject({ overdue: false, state: 'acknowledged', called: null })
  })

  it('is not forgotten by a restart', () => {
    const made = driver({ playbooks: [] })
    made.must(open())
    made.restart()
    made.advance(15 * MINUTE)
    expect(incident(made).overdue).toBe(true)
  })
})

describe('alerts', () => {
  it('of one group, of one target and of one storm are one incident', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a', { group: 'g' })))
    made.advance(60 * MINUTE)
    made.must(received(alert('b', { group: 'g' })))
    made.must(received(alert('c', { labels: { service: 'shop' } })))
    made.advance(60 * MINUTE)
    made.must(received(alert('d', { labels: { service: 'shop' } })))
    expect(incidents(made)).toHaveLength(1)
    expect(incident(made)).toMatchObject({ target: 'shop', alerts: { firing: 4, resolved: 0 } })
  })

  it('a thousand of a moment are one incident and few events', () => {
    const made = driver({ playbooks: [] })
    const storm = Array.from({ length: 1_000 }, (_, i) => alert(`a${i}`, { group: `g${i % 2}` }))
    const events = made.must(received(...storm))
    expect(events.length).toBeLessThan(8)
    expect(incidents(made)).toHaveLength(1)
    expect(incident(made).alerts).toMatchObject({ firing: 1_000 })
    expect(incident(made).alerts.latest).toHaveLength(20)
  })

  it('far apart and about nothing in common are several', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a')))
    made.advance(6 * MINUTE)
    made.must(received(alert('b')))
    expect(incidents(made).map(({ title }) => title)).toEqual(['a fires', 'b fires'])
  })

  it('told again, or after they were resolved, change nothing', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a')))
    expect(made.must(received(alert('a')))).toEqual([])
    made.must(received(alert('a', { status: 'resolved', endsAt: 2_000 })))
    expect(incident(made)).toMatchObject({ alerts: { firing: 0, resolved: 1 }, quietSince: made.now })
    expect(made.must(received(alert('a')))).toEqual([])
    made.must({ type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'well' })
    expect(made.must(received(alert('a')))).toEqual([])
  })

  it('open an incident again when they fire again after it was closed', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a')))
    made.must(received(alert('a', { status: 'resolved', endsAt: 2_000 })))
    made.must({ type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'well' })
    made.advance(60 * MINUTE)
    made.must(received(alert('a', { startsAt: 5_000 })))
    expect(incident(made)).toMatchObject({ state: 'open', reopened: 1, overdue: false, quietSince: null })
    made.advance(15 * MINUTE)
    expect(incident(made).overdue).toBe(true)
  })

  it('make an incident worse, which calls a person', () => {
    const made = driver({ playbooks: [] })
    made.must(received(alert('a', { group: 'g', labels: { severity: 'info' } })))
    expect(incident(made)).toMatchObject({ severity: 'P2', called: null })
    made.must(received(alert('b', { group: 'g', labels: { severity: 'page' } })))
    expect(incident(made)).toMatchObject({ severity: 'P0', called: { why: 'a fires' } })
  })

  it('of nothing that was known to fire are passed over when they are resolved', () => {
    const made = driver({ playbooks: [] })
    expect(made.must(received(alert('a', { status: 'resolved', endsAt: 2_000 })))).toEqual([])
    expect(incidents(made)).toEqual([])
  })
})

describe('a deployment that does not verify', () => {
  it('is a P0 by itself, with the target', () => {
    const made = driver()
    made.start(tasks(['deploy'], { with: { deploy: { target: 'shop' } } }))
    start(made, 'deploy')
    made.must(exited(at(made, 'deploy'), 1, { outputs: { verified: 'false', reason: '43 % answer 500' } }))
    expect(incident(made)).toMatchObject({
      severity: 'P0',
      target: 'shop',
      text: '43 % answer 500',
      sources: [{ kind: 'verification', ref: `${RUN}/deploy#1` }],
    })
  })

  it('asks nobody any more whether to try again once that is over', () => {
    const made = driver({ playbooks: [] })
    made.start(tasks(['deploy'], { with: { deploy: { target: 'shop' } } }))
    start(made, 'deploy')
    made.must(exited(at(made, 'deploy'), 1, { outputs: { verified: 'false', reason: '43 % answer 500' } }))
    const asked = () => made.state.runs.get(RUN)!.attention
    expect(asked()).toMatchObject([{ id: 'deploy#1:task-failed', choices: ['retry', 'skip'] }])
    made.must({ type: 'incident.close', project: PROJECT, incident: 'i1', reason: 'mended by hand' })
    expect(asked()).toEqual([])
  })
})

describe('an agent', () => {
  const levels = [
    ['P0', 'Worker', undefined],
    ['P1', 'Worker', 'forbidden'],
    ['P1', 'Architect', undefined],
    ['P2', 'Worker', undefined],
  ] as const
  test.each(levels)('opens a %s as %s: %s', (severity, role, rejected) => {
    const made = driver({ playbooks: [] })
    const roles = { Architect: { tier: 2 }, Worker: { tier: 5 } }
    made.start(tasks(['a'], { roles, with: { a: { role } } }))
    start(made, 'a')
    const asked = { severity, title: 'slow', text: '', target: null }
    const refused = made.send({ type: 'agent.incident', ...at(made, 'a'), incident: asked })
    expect(refused?.rejected).toBe(rejected)
    expect(made.answer?.incident).toBe(rejected === undefined ? 'i1' : undefined)
  })
})
