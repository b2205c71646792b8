import { raiseOwned } from '../conflicts/contesting.ts'
import { otherWaits } from '../conflicts/waiting.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { ruleOf, underRule } from '../rules/rule.ts'
import type { Run } from '../state.ts'
import type { AgentCommand } from '../talk/agentCommands.ts'
import { ask } from './asking.ts'
import type { LockTable, Request } from './changes.ts'
import { circleWords, nameOf } from './circle.ts'
import { lostLocks } from './held.ts'
import { covers, type Lock, lockWords, sameLock } from './lock.ts'
import { underRules } from './rules.ts'
import { holdersInTheWay, placing } from './table.ts'
import { holderOf, isDeclared } from './taskLocks.ts'

type Of<T extends AgentCommand['type']> = Extract<AgentCommand, { type: T }>

/**
 * An agent at work asks for more than it declared. It holds something already, or is in nobody's way yet; either way it
 * goes before all that have not begun, and a wait that could never end is refused at once.
 */
export function lock(draft: Draft, command: Of<'agent.lock'>): Verdict {
  const run = draft.run(command.run)
  const lost = lostLocks(draft.state, run, command.task, command.attempt)
  if (lost !== undefined) return reject('stale', lost)
  const table = tableOf(draft, run)
  const holder = holderOf(run, command.task, command.attempt)
  const held = table.grants.find((grant) => grant.holder === holder)?.locks ?? []
  const asked = command.locks.map((wanted) => underRules(run.plan, wanted))
  const locks = asked.filter((wanted) => !held.some((one) => covers(one, wanted)))
  if (locks.length === 0) return undefined
  const waiting = table.waiters.find((waiter) => waiter.holder === holder)
  if (waiting !== undefined) {
    if (command.wait && sameSet(waiting.locks, locks)) return undefined
    return reject('not-now', `you wait for ${words(waiting.locks)} already`)
  }
  const { priority } = run.plan.tasks[command.task]!
  const request: Request = { holder, locks, priority, since: draft.now, begun: true }
  const answer = ask(table, request, otherWaits(draft.state, run.project, draft.now))
  switch (answer.type) {
    case 'free':
      grantMore(draft, run, request)
      raiseOwned(draft, run, command.task, locks)
      return undefined
    case 'circle': {
      const { circle } = answer
      const words = `waiting for it would never end: ${circleWords(circle)}`
      const reason = underRule(words, ruleOf(run.plan, 'no-cycles'))
      if (!command.wait) return reject('not-now', reason)
      // A deadlock that was not let form is on record: such a refusal is an answer, and its event is kept.
      draft.emit(
        { project: run.project, run: null },
        { type: 'locks.refused', holder, locks: [...locks], circle: [...circle] },
      )
      draft.answer = { refused: reason }
      return undefined
    }
    case 'unfair': {
      const first = nameOf(answer.waiter.holder)
      return reject('not-now', `${first} has been passed over often enough and comes first`)
    }
    case 'waits':
      if (!command.wait) return reject('not-now', inTheWay(run, table, request, answer.behind))
      askMore(draft, run, request)
      raiseOwned(draft, run, command.task, locks)
      return undefined
  }
}

/** Gives back what it asked for beyond what it declared; without a list, it waits no longer. */
export function unlock(draft: Draft, command: Of<'agent.unlock'>): Verdict {
  const run = draft.run(command.run)
  const table = tableOf(draft, run)
  const holder = holderOf(run, command.task, command.attempt)
  if (command.locks === null) {
    if (table.waiters.some((waiter) => waiter.holder === holder))
      draft.emit({ project: run.project, run: null }, { type: 'locks.withdrawn', holder })
    return undefined
  }
  const lost = lostLocks(draft.state, run, command.task, command.attempt)
  if (lost !== undefined) return reject('stale', lost)
  const held = table.grants.find((grant) => grant.holder === holder)?.locks ?? []
  const fixed = command.locks.find((lock) => isDeclared(run, command.task, lock))
  if (fixed !== undefined)
    return reject('forbidden', `${fixed.on} is declared by your task and is held until its work is merged`)
  const strange = command.locks.find((lock) => !held.some((one) => sameLock(one, lock)))
  if (strange !== undefined) return reject('not-now', `you do not hold ${lockWords(strange)}`)
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.released', holder, locks: [...command.locks], why: 'asked' },
  )
  return undefined
}

export function grantMore(draft: Draft, run: Pick<Run, 'project'>, request: Request): void {
  const table = draft.state.projects.get(run.project)!.locks
  const waits = table.waiters.some(({ holder }) => holder === request.holder)
  const overtakes = waits ? [] : [...placing(table, request).overtakes]
  const { holder, locks } = request
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.granted', holder, locks: [...locks], overtakes, token: table.lastToken + 1 },
  )
}

function askMore(draft: Draft, run: Run, request: Request): void {
  const { holder, locks, priority, begun } = request
  const { place, overtakes } = placing(tableOf(draft, run), request)
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.asked', holder, locks: [...locks], priority, begun, place, overtakes: [...overtakes] },
  )
}

function tableOf(draft: Draft, run: Run): LockTable {
  return draft.state.projects.get(run.project)!.locks
}

function sameSet(a: readonly Lock[], b: readonly Lock[]): boolean {
  return a.length === b.length && a.every((lock) => b.some((other) => sameLock(lock, other)))
}

function inTheWay(run: Run, table: LockTable, request: Request, behind: readonly string[]): string {
  const [first] = holdersInTheWay(table, request.holder, request.locks)
  if (first === undefined) return `${behind.map(nameOf).join(' and ')} asked for it before you`
  const rule = first.locks.some(({ kind }) => kind === 'files') ? ruleOf(run.plan, 'one-writer') : undefined
  return underRule(`${nameOf(first.holder)} holds ${words(first.locks)}`, rule)
}

function words(locks: readonly Lock[]): string {
  return locks.map(lockWords).join(', ')
}
