import { resolve } from '../attention.ts'
import type { Rejection } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { communicationOf, planIndex } from '../plan.ts'
import { isSettled, type Run } from '../state.ts'
import { resolveAddress, rolesOfTask } from './address.ts'
import type { AgentCommand } from './agentCommands.ts'
import { type Handoff, type HandoffCheck, isOpen, MAX_CHECK_DETAIL } from './handoff.ts'
import { handoffMarkdown } from './handoffMarkdown.ts'
import { askAbout, askInPlaceOfGiver, askPerson, closeAsked, handleOwn, tellOne } from './handoffNotices.ts'
import { MESSAGE_LIMITS } from './message.ts'
import { allowedReceivers, mayMessage } from './rights.ts'
import { TALK_LIMITS } from './talk.ts'

type Of<T extends AgentCommand['type']> = Extract<AgentCommand, { type: T }>

/** The giver initiates; its checks follow. Said twice (a retry after a crash) it is the same hand-off. */
export function initiate(draft: Draft, command: Of<'agent.hand-off'>): Verdict {
  const { run: id, task, attempt, document } = command
  const run = draft.run(id)
  const receiver = receiverOf(run, task, document.to)
  if (typeof receiver !== 'number') return receiver
  const same = sameHandoff(run, command, receiver)
  if (command.handoff !== null && same === undefined)
    return reject('unknown', `there is no hand-off ${command.handoff} of yours`)
  if (same !== undefined && same.state !== 'returned') {
    draft.answer = { handoff: same.id }
    return same.state === 'withdrawn' ? reject('not-now', `${same.id} was withdrawn`) : undefined
  }
  if (same === undefined && run.talk.handoffs.length >= TALK_LIMITS.handoffs)
    return reject('not-now', `this run has had ${TALK_LIMITS.handoffs} hand-offs already`)
  const open = run.talk.handoffs.filter((other) => other.from === task && isOpen(other))
  if (same === undefined && open.length >= TALK_LIMITS.openHandoffsOfTask)
    return reject('not-now', `${open.length} hand-offs of yours are open; wait until one is taken`)
  if (open.some(({ state }) => state === 'initiated'))
    return reject('not-now', 'the checks of another hand-off of yours are running; wait for them')
  const name = same?.id ?? `h${run.talk.handoffs.length + 1}`
  draft.emitRun(id, { type: 'handoff.initiated', id: name, task, attempt, to: receiver, document })
  draft.answer = { handoff: name }
  return undefined
}

/** The one named, else an open one with the same title to the same receiver. */
function sameHandoff(run: Run, command: Of<'agent.hand-off'>, receiver: number): Handoff | undefined {
  return run.talk.handoffs.find((other) => {
    if (other.from !== command.task) return false
    if (command.handoff !== null) return other.id === command.handoff
    return isOpen(other) && other.to === receiver && other.document.title === command.document.title
  })
}

/** One task. Of a role with several, the one that needs the giver's work, else the first that has not begun. */
function receiverOf(run: Run, from: number, to: string): number | Rejection {
  const resolved = resolveAddress(run, to, from)
  if (!resolved.ok) return reject('unknown', resolved.reason)
  const { tasks } = resolved.receivers
  if (tasks.length === 0)
    return reject('unknown', `${to} is nobody a hand-off can go to; name a task, an agent or a role`)
  const dependents = planIndex(run.plan).dependents[from]!
  const best =
    tasks.find((task) => dependents.includes(task)) ??
    tasks.find((task) => run.tasks.get(task)!.current === null) ??
    tasks[0]!
  const own = rolesOfTask(run, from)
  const allowed = rolesOfTask(run, best).some((role) => own.some((mine) => mayMessage(run.plan, mine, role)))
  if (allowed) return best
  const names = allowedReceivers(run.plan, own[0]!).join(', ') || 'nobody'
  return reject(
    'forbidden',
    `${own[0]!.name} may not hand over to ${to}; the registry lets it write to ${names}`,
  )
}

/** The checks are through: it goes over, or back with what they found. */
export function validated(
  draft: Draft,
  report: {
    readonly run: RunId
    readonly task: number
    readonly attempt: number
    readonly handoff: string
    readonly checks: readonly HandoffCheck[]
  },
): Verdict {
  const { run: id, task, attempt, checks } = report
  const handoff = draft.run(id).talk.handoffs.find((other) => other.id === report.handoff)
  if (handoff?.state !== 'initiated' || handoff.attempt !== attempt)
    return reject('stale', 'no hand-off is being checked')
  const kept = checks.map((check) => ({ ...check, detail: check.detail.slice(0, MAX_CHECK_DETAIL) }))
  draft.emitRun(id, { type: 'handoff.validated', id: handoff.id, task, attempt, checks: kept })
  const failed = checks.filter(({ result }) => result === 'failed')
  if (failed.length === 0) {
    transfer(draft, id, handoff.id)
    return undefined
  }
  const reason = failed.map(({ name, detail }) => `${name.replaceAll('_', ' ')}: ${detail}`).join('\n')
  sendBack(draft, id, handoff, reason)
  return undefined
}

function transfer(draft: Draft, id: RunId, name: string): void {
  draft.emitRun(id, { type: 'handoff.transferred', id: name })
  closeAsked(draft, id, name, 'over')
  const run = draft.run(id)
  const handoff = run.talk.handoffs.find((other) => other.id === name)!
  const content = handoffMarkdown(handoff, (task) => run.plan.tasks[task]!.id)
  const artifacts = handoff.document.artifacts.map(({ status: _, ...artifact }) => artifact)
  tellOne(draft, id, handoff.to, handoff, {
    subject: `Hand-off ${name}: ${handoff.document.title}`.slice(0, MESSAGE_LIMITS.subject),
    content: content.slice(0, MESSAGE_LIMITS.content),
    // All of them are named in the text.
    artifacts: artifacts.slice(0, MESSAGE_LIMITS.artifacts),
  })
}

function sendBack(draft: Draft, id: RunId, handoff: Handoff, reason: string): void {
  draft.emitRun(id, { type: 'handoff.returned', id: handoff.id, reason })
  closeAsked(draft, id, handoff.id, 'over')
  const run = draft.run(id)
  if (run.tasks.get(handoff.from)!.outcome === null) {
    tellOne(draft, id, handoff.from, handoff, {
      subject: `Hand-off ${handoff.id} came back`,
      content: reason,
    })
  } else askPerson(draft, id, handoff, `came back after its giver had ended: ${reason}`)
}

type Answer = Of<'agent.accept' | 'agent.decline' | 'agent.clarify' | 'agent.clarified'>

export function decideHandoff(draft: Draft, command: Answer): Verdict {
  const { run: id, task } = command
  const handoff = draft.run(id).talk.handoffs.find((other) => other.id === command.handoff)
  if (handoff === undefined) return reject('unknown', `there is no hand-off ${command.handoff}`)
  const party = command.type === 'agent.clarified' ? handoff.from : handoff.to
  if (party !== task) return reject('forbidden', `${handoff.id} is not for you to answer`)
  if (command.type === 'agent.clarified') return clarified(draft, id, handoff, command.answer)
  if (command.type === 'agent.accept') return accept(draft, id, handoff)
  if (handoff.state !== 'transferred' && handoff.state !== 'clarifying')
    return reject('not-now', `${handoff.id} is ${handoff.state}`)
  handleOwn(draft, id, task, handoff.id)
  if (command.type === 'agent.decline') {
    sendBack(draft, id, handoff, `declined: ${command.reason}`)
    return undefined
  }
  return clarify(draft, id, handoff, command.question)
}

function accept(draft: Draft, id: RunId, handoff: Handoff): Verdict {
  if (handoff.state === 'acknowledged' || handoff.state === 'completed') return undefined
  if (handoff.state !== 'transferred' && handoff.state !== 'clarifying')
    return reject('not-now', `${handoff.id} is ${handoff.state}`)
  draft.emitRun(id, { type: 'handoff.acknowledged', id: handoff.id })
  closeAsked(draft, id, handoff.id, 'over')
  handleOwn(draft, id, handoff.to, handoff.id)
  if (isSettled(draft.run(id).tasks.get(handoff.from)!)) complete(draft, id, handoff.id)
  else tellOne(draft, id, handoff.from, handoff, { subject: `Hand-off ${handoff.id} was accepted` })
  return undefined
}

/** The giver's work is on record and the receiver has it: nothing is left to do. */
function complete(draft: Draft, id: RunId, name: string): void {
  draft.emitRun(id, { type: 'handoff.completed', id: name })
}

function clarify(draft: Draft, id: RunId, handoff: Handoff, question: string): Verdict {
  if (handoff.state === 'clarifying')
    return reject('not-now', `${handoff.id}: your last question is not answered yet`)
  draft.emitRun(id, { type: 'handoff.clarifying', id: handoff.id, question })
  if (!isSettled(draft.run(id).tasks.get(handoff.from)!)) {
    const subject = `Hand-off ${handoff.id}: a question`
    tellOne(draft, id, handoff.from, handoff, { subject, content: question })
  } else askInPlaceOfGiver(draft, id, handoff, question)
  return undefined
}

/** The giver answers, or a person where the giver has ended. */
export function clarified(draft: Draft, id: RunId, handoff: Handoff, answer: string): Verdict {
  if (handoff.state !== 'clarifying') return reject('not-now', `nothing is being asked about ${handoff.id}`)
  draft.emitRun(id, { type: 'handoff.clarified', id: handoff.id, answer })
  resolve(draft, id, `${handoff.id}:question`, 'answered')
  handleOwn(draft, id, handoff.from, handoff.id)
  tellOne(draft, id, handoff.to, handoff, { subject: `Hand-off ${handoff.id}: the answer`, content: answer })
  return undefined
}

/** A person decides what nobody else can. */
export function personDecides(draft: Draft, id: RunId, name: string, choice: string): Verdict {
  const handoff = draft.run(id).talk.handoffs.find((other) => other.id === name)
  if (handoff === undefined || !isOpen(handoff) || handoff.state === 'acknowledged')
    return reject('stale', `${name} needs no decision`)
  if (choice === 'withdraw') {
    withdraw(draft, id, handoff, `by ${draft.envelope.actor}`)
    return undefined
  }
  if (choice !== 'transfer') return reject('invalid', `${name} can be answered with transfer or withdraw`)
  if (handoff.state !== 'returned') return reject('not-now', `${name} is ${handoff.state}`)
  if (isSettled(draft.run(id).tasks.get(handoff.to)!))
    return reject('not-now', `the receiver of ${name} has ended`)
  transfer(draft, id, name)
  return undefined
}

function withdraw(draft: Draft, id: RunId, handoff: Handoff, reason: string): void {
  draft.emitRun(id, { type: 'handoff.withdrawn', id: handoff.id, reason })
  closeAsked(draft, id, handoff.id, 'withdraw')
  const reached = handoff.state === 'transferred' || handoff.state === 'clarifying'
  for (const task of reached ? [handoff.from, handoff.to] : [handoff.from]) {
    if (isSettled(draft.run(id).tasks.get(task)!)) continue
    handleOwn(draft, id, task, handoff.id)
    tellOne(draft, id, task, handoff, { subject: `Hand-off ${handoff.id} was withdrawn`, content: reason })
  }
}

/** When the confirmation of a hand-off is due: its receiver has to be there first. Null: nobody waits. */
export function confirmationDue(run: Run, handoff: Handoff): number | null {
  if (handoff.overdue || (handoff.state !== 'transferred' && handoff.state !== 'clarifying')) return null
  const startedAt = run.tasks.get(handoff.to)!.current?.startedAt
  if (startedAt === null || startedAt === undefined) return null
  return Math.max(handoff.since, startedAt) + communicationOf(run.plan).acknowledgeMs
}

export function overdue(draft: Draft, id: RunId, name: string): Verdict {
  const run = draft.run(id)
  const handoff = run.talk.handoffs.find((other) => other.id === name)
  const due = handoff === undefined ? null : confirmationDue(run, handoff)
  if (handoff === undefined || due === null) return reject('stale', 'nobody waits for it')
  if (due > draft.now) return reject('stale', 'its time is not up')
  draft.emitRun(id, { type: 'handoff.overdue', id: name })
  const who = run.plan.tasks[handoff.state === 'clarifying' ? handoff.from : handoff.to]!.id
  const text = `Hand-off ${name} (${handoff.document.title}) waits for ${who}`
  askAbout(draft, id, { about: name, kind: 'handoff', text, choices: ['withdraw'] })
  return undefined
}

/** An attempt of a task is over, and with `settled` the task. */
export function afterEnd(draft: Draft, id: RunId, task: number, settled: boolean): void {
  for (const handoff of draft.run(id).talk.handoffs) {
    if (!isOpen(handoff)) continue
    if (handoff.from === task) giverEnded(draft, id, handoff, settled)
    else if (handoff.to === task && settled) receiverEnded(draft, id, handoff)
  }
}

function giverEnded(draft: Draft, id: RunId, handoff: Handoff, settled: boolean): void {
  const reason = 'its agent ended before the checks were through'
  if (handoff.state === 'initiated') draft.emitRun(id, { type: 'handoff.returned', id: handoff.id, reason })
  const now = draft.run(id).talk.handoffs.find((other) => other.id === handoff.id)!
  if (!settled) return
  if (now.state === 'returned') askPerson(draft, id, now, `was not mended: ${now.reason ?? ''}`)
  if (now.state === 'acknowledged') complete(draft, id, now.id)
  if (now.state === 'clarifying') askInPlaceOfGiver(draft, id, now, now.clarifications.at(-1)!.question)
}

function receiverEnded(draft: Draft, id: RunId, handoff: Handoff): void {
  if (handoff.state === 'acknowledged') return
  const name = draft.run(id).plan.tasks[handoff.to]!.id
  withdraw(draft, id, handoff, `${name} ended without confirming it`)
  const text = `${name} ended without confirming hand-off ${handoff.id} (${handoff.document.title})`
  askAbout(draft, id, { about: handoff.id, kind: 'handoff', text, choices: [] })
}
