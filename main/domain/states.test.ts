import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DomainEvent, EventEnvelope } from './events.ts'
import { evolve } from './evolve.ts'
import { moveAgent, moveTask } from './evolveAgent.ts'
import { commitId, runId } from './ids.ts'
import { EMPTY_STATE } from './state.ts'
import { AGENT_ARROWS, AGENT_STATES, TASK_ARROWS, TASK_STATES } from './states.ts'
import { anyPlan } from './testing/arbitraries.ts'
import { playHistory } from './testing/history.ts'
import { arrowObserver } from './testing/invariants.ts'
import { tasks } from './testing/plan.ts'

/** Arrows of the tables that nothing takes yet: those of gates and reviewers. */
const NOT_YET = ['agent REGISTERED → TERMINATED', 'task BLOCKED → IN_PROGRESS']

test('random histories take every arrow of the tables that can be taken, and no other', () => {
  const seen = new Set<string>()
  const plans = fc.sample(anyPlan, { seed: 7, numRuns: 300 })
  // The observer throws at any arrow that is not in the tables.
  for (const [seed, plan] of plans.entries()) playHistory(plan, seed, { observers: [arrowObserver(seen)] })
  const arrows = [
    ...TASK_STATES.flatMap((from) => TASK_ARROWS[from].map((to) => `task ${from} → ${to}`)),
    ...AGENT_STATES.flatMap((from) => AGENT_ARROWS[from].map((to) => `agent ${from} → ${to}`)),
  ]
  expect([...seen].toSorted()).toEqual(arrows.filter((arrow) => !NOT_YET.includes(arrow)).toSorted())
})

test.each(TASK_STATES)('a task in %s goes nowhere but where its table says', (from) => {
  for (const to of TASK_STATES) {
    if (TASK_ARROWS[from].includes(to)) expect(moveTask(from, to)).toBe(to)
    else expect(() => moveTask(from, to)).toThrow(`a task cannot go from ${from} to ${to}`)
  }
})

test.each(AGENT_STATES)('an agent in %s goes nowhere but where its table says', (from) => {
  for (const to of AGENT_STATES) {
    if (from === to) continue
    if (AGENT_ARROWS[from].includes(to)) expect(moveAgent(from, to)).toBe(to)
    else expect(() => moveAgent(from, to)).toThrow(`an agent cannot go from ${from} to ${to}`)
  }
})

test('a log that breaks the rules is not folded: evolve throws and names the event', () => {
  const { log, state } = playHistory(tasks(['a', 'b']), 1)
  const last = log.at(-1)!
  const event = (data: DomainEvent): EventEnvelope => ({ ...last, seq: state.seq + 1, type: data.type, data })
  const late = event({ type: 'work.merged', task: 0, attempt: 9, tip: commitId('e') })
  expect(() => evolve(state, late)).toThrow('work.merged names attempt 9 of task 0, which is not under way')
  const begun = log
    .slice(0, log.findIndex(({ type }) => type === 'agent.started') + 1)
    .reduce(evolve, EMPTY_STATE)
  expect(() => evolve(begun, late)).toThrow('work.merged names attempt 9')
  const elsewhere = { ...event({ type: 'run.paused' }), run: runId('r7') }
  expect(() => evolve(state, elsewhere)).toThrow('is of an unknown run r7')
})
