import { expect, it } from 'vitest'
import type { RunId } from '../ids.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { configure, incident, incidents, SHOP, told } from '../testing/incidents.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, start, started } from '../testing/steps.ts'
import { withTarget } from '../testing/targets.ts'

const BACK = { verified: 'false', back: 'true', reason: '/ answers 500' }

/** A deployment that did not verify, and was put back. */
function putBack(retry = 0): Driver {
  const made = new Driver()
  configure(made)
  withTarget(made, { spec: SHOP })
  made.start(tasks(['deploy'], { all: { retry }, with: { deploy: { target: 'shop' } } }))
  start(made, 'deploy')
  made.must(exited(at(made, 'deploy'), 1, { outputs: BACK }))
  return made
}

function recheckOf(made: Driver): RunId {
  const runs = [...made.state.runs.values()].filter(({ plan }) => plan.recheck?.incident === 'i1')
  expect(runs).toHaveLength(1)
  return runs[0]!.id
}

const said = (made: Driver) =>
  incident(made)
    .timeline.filter(({ kind }) => kind === 'verification')
    .map(({ text }) => text)

it('is a P1, with its checks, and what was put back is verified again', () => {
  const made = putBack()
  expect(incident(made)).toMatchObject({
    severity: 'P1',
    title: expect.stringMatching(/^shop: .* does not verify and was put back$/i),
    text: '/ answers 500',
    target: 'shop',
    sources: [{ kind: 'verification', ref: `${RUN}/deploy#1` }],
    checks: { run: expect.any(String) },
  })
  const run = recheckOf(made)
  expect(made.run(run).plan.tasks).toMatchObject([{ action: { do: 'verify' }, target: 'shop' }])
  told(made, run, 'verify', { verified: 'true', finding: '/ answers' })
  expect(said(made)).toEqual([
    'what was there before was put back, and is being verified',
    'passed: what was put back verifies: / answers',
  ])
  expect(incident(made)).toMatchObject({ severity: 'P1', state: 'open' })
})

it('becomes a P0 where what was put back does not verify either', () => {
  const made = putBack()
  const run = recheckOf(made)
  const outputs = { verified: 'false', state: 'unhealthy', reason: 'shop does not verify: / answers 500' }
  made.must(started(at(made, 'verify', run)))
  made.must(exited(at(made, 'verify', run), 1, { outputs }))
  expect(incidents(made)).toHaveLength(1)
  expect(incident(made)).toMatchObject({ severity: 'P0', called: { whom: expect.any(String) } })
  expect(said(made).at(-1)).toMatch(/^failed: what was put back does not verify either: verify #\d+ failed/)
})

it('is verified once, however often it is tried', () => {
  const made = putBack(1)
  start(made, 'deploy')
  made.must(exited(at(made, 'deploy'), 1, { outputs: BACK }))
  expect(incidents(made)).toHaveLength(1)
  expect(incident(made).sources).toHaveLength(2)
  recheckOf(made)
})

it('was taken away where there was nothing before, and nothing is verified', () => {
  const made = new Driver()
  configure(made, { playbooks: [] })
  withTarget(made, { spec: SHOP, current: null, state: 'unknown' })
  made.start(tasks(['deploy'], { with: { deploy: { target: 'shop' } } }))
  start(made, 'deploy')
  made.must(exited(at(made, 'deploy'), 1, { outputs: BACK }))
  expect(incident(made)).toMatchObject({ severity: 'P1', title: expect.stringContaining('was taken away') })
  expect([...made.state.runs.keys()]).toEqual([RUN])
  expect(made.state.projects.get(PROJECT)!.targets.shop!.current).toBeNull()
})
