import { z } from 'zod'
import { parseAttemptId } from '../../../domain/ids.ts'
import type { Grant, Waiter } from '../../../domain/locks/changes.ts'
import { lostLocks } from '../../../domain/locks/held.ts'
import { covers, type Lock, lockWords } from '../../../domain/locks/lock.ts'
import { lockOfWord } from '../../../domain/locks/lockWord.ts'
import { leaseMsOf } from '../../../domain/locks/rules.ts'
import { holdersInTheWay, waitsFor } from '../../../domain/locks/table.ts'
import { holderOf, isDeclared, isKnownResource } from '../../../domain/locks/taskLocks.ts'
import { planIndex } from '../../../domain/plan.ts'
import { type Call, over, Refused } from '../call.ts'
import { answer, type DoorReply } from '../door.ts'
import { partyName, type Standing } from '../standing.ts'
import { type Verb, verb, waitSchema, word } from './verb.ts'

const words = z.array(word).min(1).max(32)

/** What an agent holds beyond what its task declared, and how it gives it back. */
export const LOCK_VERBS: Readonly<Record<string, Verb>> = {
  lock: verb({
    about:
      'Takes locks on files (globs) or resources beyond those of your task; with wait until they are free.',
    args: z.strictObject({
      locks: words,
      /** With others that only read. */
      shared: z.boolean().default(false),
      wait: waitSchema,
      /** Keeps the place in line when the time is up: for those who wait with several calls. */
      stay: z.boolean().default(false),
    }),
    changes: true,
    run: take,
  }),
  unlock: verb({
    about: 'Gives back locks taken on the way; without locks it gives up waiting, with all both.',
    args: z.strictObject({ locks: words.optional(), all: z.boolean().default(false) }),
    changes: true,
    run: giveBack,
  }),
  locks: verb({
    about: 'Lists what you hold, what you wait for and who is in your way.',
    args: z.strictObject({}),
    changes: false,
    run: async (call) => answer(locksJson(call)),
  }),
  renew: verb({
    about: 'Renews the leases of your locks, as every call does; tells until when you have them.',
    args: z.strictObject({ locks: words.optional() }),
    changes: false,
    run: renew,
  }),
}

const REMEDY = 'Do something else first, wait longer, or give back what others wait for.'
/** A circle does not open by waiting. */
const REMEDY_CIRCLE =
  'Give back what they wait for (amphi-agent lock release), or go on without and ask again later.'

/**
 * Asking is the same however often it is said, so nothing is remembered by its Request-Id: said again it holds, or
 * waits on where it stood.
 */
async function take(
  call: Call,
  { locks, shared, wait, stay }: { locks: string[]; shared: boolean; wait: number; stay: boolean },
): Promise<DoorReply> {
  const mode = shared ? 'shared' : 'exclusive'
  const wanted = locks.map((text) => read(call.standing, text, mode))
  let refused: string | undefined
  try {
    refused = (await call.again({ type: 'agent.lock', locks: wanted, wait: wait > 0 || stay })).refused
  } catch (error) {
    throw error instanceof Refused && error.reply.status === 409
      ? new Refused('not-now', error.message, /would never end/.test(error.message) ? REMEDY_CIRCLE : REMEDY)
      : error
  }
  if (refused !== undefined) throw new Refused('not-now', refused, REMEDY_CIRCLE)
  let found: 'held' | 'given up' | undefined
  try {
    found = await call.wait(wait, (standing) => outcome(standing, wanted))
  } catch (error) {
    // Nobody listens any more; an engine that stops keeps the place for the call to be repeated.
    if (call.signal.aborted && !call.door.closed.aborted && !stay) await giveUp(call)
    throw error
  }
  // What came when the time was up counts.
  found ??= outcome(call.standing, wanted)
  if (found === undefined && stay) return answer({ held: false, ...waitingJson(call.standing) })
  if (found === undefined) {
    const reason = whyNot(call.standing)
    await giveUp(call)
    if (outcome(call.standing, wanted) !== 'held') throw new Refused('not-now', reason, REMEDY)
  } else if (found === 'given up') {
    throw new Refused('not-now', 'another call of yours gave up waiting for it', 'Ask for it again.')
  }
  return answer({ held: true, locks: wanted.map(lockWords), token: grantOf(call.standing)!.token })
}

async function giveUp(call: Call): Promise<void> {
  await call.again({ type: 'agent.unlock', locks: null })
}

async function giveBack(
  call: Call,
  { locks, all }: { locks?: string[] | undefined; all: boolean },
): Promise<DoorReply> {
  if (all && locks !== undefined)
    throw new Refused('bad-request', 'one of locks and all', 'Leave one of them out.')
  if (locks === undefined) await giveUp(call)
  const { standing } = call
  const named = all ? takenOnTheWay(standing) : (locks ?? []).map((text) => heldLock(standing, text))
  if (named.length > 0) await call.command({ type: 'agent.unlock', locks: [...named] })
  return answer({ released: named.map(lockWords), ...locksJson(call) })
}

async function renew(call: Call, { locks = [] }: { locks?: string[] | undefined }): Promise<DoorReply> {
  const { standing } = call
  const { run, task, attempt } = standing
  const lost = lostLocks(call.behind.engine.state, run, task, attempt.n)
  if (lost !== undefined) throw over(lost)
  const held = grantOf(standing)?.locks ?? []
  for (const text of locks) {
    const named = read(standing, text, 'shared')
    if (held.some((lock) => lock.kind === named.kind && lock.on === named.on)) continue
    throw new Refused('not-now', `you do not hold ${named.on}`, 'Take it again: others may have had it.')
  }
  return answer(locksJson(call))
}

function takenOnTheWay(standing: Standing): readonly Lock[] {
  return (grantOf(standing)?.locks ?? []).filter((lock) => !isDeclared(standing.run, standing.task, lock))
}

/** As it is held. What is not held the engine refuses, unless the call is one that was made before. */
function heldLock(standing: Standing, text: string): Lock {
  const named = read(standing, text, 'exclusive')
  const held = grantOf(standing)?.locks ?? []
  return held.find((lock) => lock.kind === named.kind && lock.on === named.on) ?? named
}

function read(standing: Standing, text: string, mode: Lock['mode']): Lock {
  const { run, locks } = standing
  const known = lockOfWord(text, mode, (name) => isKnownResource(run.plan, locks, name))
  if (known.ok) return known.lock
  throw new Refused('bad-request', `locks: ${known.reason}`, known.remedy)
}

function outcome(standing: Standing, wanted: readonly Lock[]): 'held' | 'given up' | undefined {
  const held = grantOf(standing)?.locks ?? []
  if (wanted.every((lock) => held.some((one) => covers(one, lock)))) return 'held'
  return waiterOf(standing) === undefined ? 'given up' : undefined
}

function grantOf({ run, task, attempt, locks }: Standing): Grant | undefined {
  const holder = holderOf(run, task, attempt.n)
  return locks.grants.find((grant) => grant.holder === holder)
}

function waiterOf({ run, task, attempt, locks }: Standing): Waiter | undefined {
  const holder = holderOf(run, task, attempt.n)
  return locks.waiters.find((waiter) => waiter.holder === holder)
}

function locksJson({ standing, behind: { engine }, door }: Call): Readonly<Record<string, unknown>> {
  const grant = grantOf(standing)
  const { plan } = standing.run
  const until = (lock: Lock): string =>
    new Date(engine.lastActive(door.of.id) + leaseMsOf(plan, lock)).toISOString()
  const holds = (grant?.locks ?? []).map((lock) => ({
    lock: lock.on,
    kind: lock.kind,
    shared: lock.mode === 'shared',
    declared: isDeclared(standing.run, standing.task, lock),
    until: until(lock),
  }))
  const waits = waiterOf(standing) === undefined ? null : waitingJson(standing)
  return { holds, token: grant?.token ?? null, waits }
}

function waitingJson(standing: Standing): Readonly<Record<string, unknown>> {
  const waiter = waiterOf(standing)!
  const { locks, since } = waiter
  return {
    locks: locks.map(lockWords),
    since: new Date(since).toISOString(),
    behind: behind(standing, waiter),
  }
}

/** Who is in the way: what they hold of it, or nothing where they are only before it in the line. */
function behind(
  standing: Standing,
  waiter: Waiter,
): readonly { readonly agent: string; readonly holds: readonly string[] }[] {
  const { locks: table } = standing
  const holders = holdersInTheWay(table, waiter.holder, waiter.locks)
  return waitsFor(table, waiter).map((holder) => {
    const held = holders.find((grant) => grant.holder === holder)?.locks ?? []
    return { agent: holderName(standing, holder), holds: held.map(lockWords) }
  })
}

function whyNot(standing: Standing): string {
  const waiter = waiterOf(standing)
  const others = waiter === undefined ? [] : behind(standing, waiter)
  if (others.length === 0) return 'it was not free in time'
  const said = others.map(({ agent, holds }) =>
    holds.length === 0 ? `${agent} asked for it before you` : `${agent} holds ${holds.join(', ')}`,
  )
  return said.join('; ')
}

/** As it can be written to; one of another run by its id. */
function holderName({ run }: Standing, holder: string): string {
  const parts = parseAttemptId(holder)
  const task = parts?.run === run.id ? planIndex(run.plan).byId.get(parts.task) : undefined
  if (task === undefined) return holder
  return partyName(run, { kind: 'task', task, attempt: parts!.attempt })
}
