import { describe, expect, it } from 'vitest'
import { projectId, runId } from '../../../../main/domain/ids.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { Driver } from '../../../../main/domain/testing/driver.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { exited, prepared, started } from '../../../../main/domain/testing/steps.ts'
import { askedAbout, callsOf } from './calls.ts'
import { edgesOf } from './edges.ts'
import { parseTally, SeatStates, tallyOf } from './seatStates.ts'

const RUN = runId('r')

describe('the looks of seats', () => {
  it('tell only those who look at a seat that changed, and agree with the status', () => {
    const driver = oneStarted()
    const states = new SeatStates(driver.run(RUN))
    const heard: number[] = []
    const stops = [0, 1, 2].map((task) => states.watch([task], () => heard.push(task)))
    expect(states.look(0)).toMatchObject({ mark: 'waiting', word: 'starting' })
    driver.must(started({ run: RUN, task: 0, attempt: 1 }))
    states.take(driver.run(RUN))
    expect(heard).toEqual([0])
    expect(states.counts()).toMatchObject({ running: 1, waiting: 2 })
    for (const task of [0, 1, 2]) {
      const { mark, word } = taskStatus(driver.run(RUN), task, 0)
      expect(states.look(task)).toMatchObject({ mark, word })
    }
    for (const stop of stops) stop()
    states.take(fail(driver))
    expect(heard).toEqual([0])
  })

  it('keep the same object while nothing changes', () => {
    const driver = oneStarted()
    const states = new SeatStates(driver.run(RUN))
    const [look, counts] = [states.look(1), states.counts()]
    states.take({ ...driver.run(RUN) })
    expect(states.look(1)).toBe(look)
    expect(states.counts()).toBe(counts)
  })

  it('count what a person is asked about as needing one, whatever its state', () => {
    const driver = oneStarted()
    driver.must(started({ run: RUN, task: 0, attempt: 1 }))
    const states = new SeatStates(driver.run(RUN))
    states.take(fail(driver))
    expect(askedAbout(driver.run(RUN))).toEqual(new Set([0]))
    expect(callsOf(driver.run(RUN))[0]).toMatchObject({ mark: 'needs-you', task: 0 })
    expect(states.look(0).asked).toBe(true)
    expect(states.counts()['needs-you']).toBe(1)
    expect(parseTally(tallyOf(states, [0]))[0]).toEqual(['needs-you', 1])
  })

  it('know what is tied to a task', () => {
    const made = plan([['a', 'b: a', 'c: a b']])
    expect(edgesOf(made, 1)).toEqual([
      { task: 0, kind: 'need' },
      { task: 2, kind: 'dependent' },
    ])
  })
})

/** A run of three tasks, the first assigned. */
function oneStarted(): Driver {
  const driver = new Driver()
  driver.must({ type: 'project.register', project: projectId('p'), root: '/p', name: 'p' })
  driver.must({
    type: 'run.start',
    project: projectId('p'),
    run: RUN,
    runner: 'docker',
    plan: plan([['a', 'b: a', 'c: b']]),
  })
  driver.send(prepared(RUN))
  return driver
}

function fail(driver: Driver) {
  driver.must(exited({ run: RUN, task: 0, attempt: 1 }, 1))
  return driver.run(RUN)
}
