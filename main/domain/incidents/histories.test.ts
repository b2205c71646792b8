import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Command } from '../commands.ts'
import type { RunId } from '../ids.ts'
import { stateFromJson, stateToJson } from '../serialise.ts'
import { check } from '../testing/check.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { alert, configure, decide, incidents, open, received } from '../testing/incidents.ts'
import { at, exited, started } from '../testing/steps.ts'
import { timersOf } from '../timers.ts'
import { diagnose } from './diagnose.ts'
import { INCIDENT_ARROWS, KEPT_OVER, respondBy } from './incident.ts'
import { incidentReport } from './report.ts'
import { incidentBoard, incidentPage } from './views.ts'

/** What people, alerts and the world may do, whether or not it fits. */
type Step =
  | { readonly do: 'alert'; readonly name: number; readonly at: number; readonly ends: boolean }
  | { readonly do: 'say'; readonly which: number; readonly verb: number }
  | { readonly do: 'open'; readonly severity: number; readonly target: boolean }
  | { readonly do: 'work'; readonly outcome: number }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'restart' }

const nat = (max: number) => fc.nat({ max })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('alert' as const),
      name: nat(5),
      at: nat(20),
      ends: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), which: nat(3), verb: nat(8) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('open' as const), severity: nat(2), target: fc.boolean() }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work' as const), outcome: nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: nat(300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

const CHOICES = ['restart', 'fix-forward', 'fixed', 'check', 'rollback', 'nothing'] as const

function said(incident: string, verb: number): Command {
  const base = { project: PROJECT, incident }
  if (verb < CHOICES.length) return decide(CHOICES[verb]!, incident)
  if (verb === 6) return { type: 'incident.acknowledge', ...base }
  if (verb === 7) return { type: 'incident.close', ...base, reason: 'enough' }
  return { type: 'incident.merge', ...base, into: 'i1' }
}

/** The first attempt under way anywhere begins, or ends in one of several ways. */
function work(driver: Driver, outcome: number): void {
  for (const run of driver.state.runs.values()) {
    const task = run.plan.tasks.find((_, i) => run.tasks.get(i)!.current !== null)
    if (task === undefined) continue
    const id: RunId = run.id
    if (driver.attempt(task.id, id).startedAt === null) driver.must(started(at(driver, task.id, id)))
    else {
      const words = [
        { cause: 'memory_leak', confidence: '0.9' },
        { cause: 'bad_migration', confidence: '2' },
        { verified: 'false' },
        {},
      ]
      driver.must(exited(at(driver, task.id, id), outcome === 4 ? 1 : 0, { outputs: words[outcome] ?? {} }))
    }
    return
  }
}

function play(driver: Driver, step: Step): void {
  switch (step.do) {
    case 'alert': {
      const labels = {
        severity: ['critical', 'warning', 'info'][step.name % 3]!,
        ...(step.name < 2 ? { service: 'shop' } : {}),
      }
      const times = { startsAt: step.at * 1_000, endsAt: step.ends ? step.at * 1_000 + 500 : null }
      const status = step.ends ? 'resolved' : 'firing'
      driver.must(received(alert(`a${step.name}`, { status, labels, group: `g${step.name % 2}`, ...times })))
      return
    }
    case 'say': {
      const all = incidents(driver)
      if (all.length > 0) driver.send(said(all[step.which % all.length]!.id, step.verb))
      return
    }
    case 'open':
      driver.must(
        open({
          severity: (['P0', 'P1', 'P2'] as const)[step.severity]!,
          target: step.target ? 'shop' : null,
        }),
      )
      return
    case 'work':
      work(driver, step.outcome)
      return
    case 'wait':
      driver.advance(step.minutes * 60_000)
      return
    case 'restart':
      driver.restart()
  }
}

/** What holds after every event: arrows, timers, counts, one incident for each target at work. */
function holds(driver: Driver): void {
  const all = incidents(driver)
  for (const one of all) {
    const due = respondBy(one)
    const isSet = driver.timers.some(
      ({ at: when, timer }) =>
        timer.kind === 'incident-response' && timer.incident === one.id && when === due,
    )
    if (due !== null && !one.overdue) expect([one.id, isSet]).toEqual([one.id, true])
    expect(one.alerts.firing).toBe(
      Object.values(driver.state.projects.get(PROJECT)!.alertMarks).filter(
        ({ incident, endsAt }) => incident === one.id && endsAt === null,
      ).length,
    )
    const run =
      one.state === 'mitigating' ? one.remedy!.run : one.state === 'verifying' ? one.verification!.run : null
    // What is under way is under way.
    if (run !== null) expect([run, driver.state.runs.get(run)?.endedAt]).toEqual([run, null])
    expect(incidentReport(one)).toContain(`# Incident ${one.id.slice(1)}`)
    expect(incidentPage(driver.state, driver.state.projects.get(PROJECT)!, one.id)!.incident).toBe(one)
  }
  const { active, resolved, over } = incidentBoard({ incidents: all })
  expect(active.length + resolved.length + over.length).toBe(all.length)
  expect(over.length).toBeLessThanOrEqual(KEPT_OVER + resolved.length)
}

test('whatever happens, incidents go along their arrows, no time to respond is lost, and counts hold', () => {
  check(
    150,
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const driver = new Driver([
        (before, _, after) => {
          for (const one of after.projects.get(PROJECT)?.incidents ?? []) {
            const was = before.projects.get(PROJECT)!.incidents.find(({ id }) => id === one.id)
            if (was !== undefined && was.state !== one.state)
              expect(INCIDENT_ARROWS[was.state]).toContain(one.state)
          }
        },
      ])
      configure(driver)
      for (const step of steps) {
        play(driver, step)
        holds(driver)
      }
      expect(stateToJson(stateFromJson(stateToJson(driver.state)))).toEqual(stateToJson(driver.state))
      driver.restart()
      expect(timersOf(driver.state).length).toBe(driver.timers.length)
    }),
  )
})

test('a storm is one incident, whatever comes in it and in whatever order', () => {
  const anyStorm = fc.uniqueArray(fc.tuple(nat(30), nat(5 * 60_000)), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 30,
  })
  check(
    100,
    fc.property(anyStorm, (storm) => {
      const driver = new Driver()
      configure(driver, { playbooks: [] })
      for (const [name, pause] of storm) {
        driver.must(received(alert(`a${name}`, { group: `g${name}` })))
        driver.advance(pause)
      }
      expect(incidents(driver)).toHaveLength(1)
      expect(incidents(driver)[0]!.alerts.firing).toBe(storm.length)
    }),
  )
})

test('a cause that lacks what it needs is none, whatever else speaks for it', () => {
  const finding = {
    title: 't',
    role: 'R',
    by: 'r/a#1',
    at: 0,
    tookMs: null,
    ok: true,
    text: 't',
    word: null,
    evidence: null,
  }
  const row = {
    cause: 'x',
    title: 'X',
    needs: [{ check: 'b', says: ['y'] }],
    signs: [{ check: null, says: ['x'], weight: 1 }],
    against: [],
  }
  const said = (check: string, cause: string) => ({ ...finding, check, cause, confidence: 1 })
  const causes = (...all: readonly ReturnType<typeof said>[]) =>
    diagnose([row], all).map(({ cause }) => cause)
  expect(causes(said('a', 'x'))).toEqual([])
  expect(causes(said('a', 'x'), said('c', 'y'))).toEqual([])
  expect(causes(said('a', 'x'), { ...said('b', 'y'), ok: false })).toEqual([])
  expect(causes(said('a', 'x'), said('b', 'y'))).toEqual(['x'])
})

test('a diagnosis does not depend on the order of findings', () => {
  const anyFinding = fc.record({
    check: fc.constantFrom('a', 'b', 'c', 'd'),
    cause: fc.constantFrom('x', 'y', 'z', null),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  const rows = [
    {
      cause: 'x',
      title: 'X',
      needs: [],
      signs: [{ check: null, says: ['x'], weight: 0.8 }],
      against: [{ check: 'a', says: ['y'], weight: 0.5 }],
    },
    {
      cause: 'y',
      title: 'Y',
      needs: [{ check: 'b', says: ['y', 'x'] }],
      signs: [{ check: null, says: ['y'], weight: 0.6 }],
      against: [],
    },
  ]
  check(
    300,
    fc.property(fc.uniqueArray(anyFinding, { selector: ({ check: name }) => name }), (found) => {
      const findings = found.map((one) => ({
        ...one,
        title: one.check,
        role: 'R',
        by: 'r/a#1',
        at: 0,
        tookMs: null,
        ok: true,
        text: 't',
        word: null,
        evidence: null,
      }))
      const causes = diagnose(rows, findings)
      expect(diagnose(rows, findings.toReversed())).toEqual(causes)
      for (const { confidence } of causes) expect(confidence).toBeLessThanOrEqual(1)
      expect(causes.map(({ confidence }) => confidence)).toEqual(
        causes.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
      )
    }),
  )
})
