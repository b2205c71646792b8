import { raiseAbout, resolve } from '../attention.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { communicationOf } from '../plan.ts'
import { isSettled, type Run } from '../state.ts'
import { HELP, isTopic, listenersOf, type Receivers, resolveAddress, rolesOfTask } from './address.ts'
import { findHelper } from './helpers.ts'
import {
  type Message,
  type MessageDraft,
  type MessageDraftInput,
  messageDraftSchema,
  type Party,
} from './message.ts'
import { find, messagesOf } from './messageLog.ts'
import { allowedReceivers, mayMessage } from './rights.ts'
import { TALK_LIMITS } from './talk.ts'

/**
 * Sends a message: finds the receivers, checks that the sender may write to them and that they have room, and closes
 * what it answers. The answer of the command is the message's number.
 */
export function send(draft: Draft, id: RunId, from: Party, message: MessageDraft): Verdict {
  const run = draft.run(id)
  const asked = message.correlation === null ? undefined : correlated(run, message.correlation)
  if (message.correlation !== null && asked === undefined)
    return reject('unknown', `there is no message ${message.correlation} to answer`)
  if (message.type === 'RESPONSE' && asked === undefined)
    return reject('invalid', 'a RESPONSE says which message it answers (correlation)')
  const allowed = allowedFor(run, from, message, asked)
  if (!allowed.ok) return reject(allowed.code, allowed.reason)
  const mayOverfill = message.priority === 0 && from.kind !== 'outside'
  const full = mayOverfill ? undefined : whoIsFull(run, allowed.receivers)
  if (full !== undefined)
    return reject(
      'not-now',
      `${full} has ${TALK_LIMITS.inbox} messages not handled yet; write again when some are`,
    )
  emit(draft, id, from, message, allowed.receivers, asked)
  draft.answer = { message: draft.run(id).talk.messages.count }
  return undefined
}

/** Who a message would go to: those it is addressed to, without those its sender may not write to. */
export function allowedFor(run: Run, from: Party, message: MessageDraft, asked?: Message): Found {
  const resolved = receiversOf(run, from, message, asked)
  return resolved.ok ? permitted(run, from, message, resolved.receivers, asked) : resolved
}

function whoIsFull(run: Run, { tasks, person }: Receivers): string | undefined {
  const full = tasks.find((task) => run.tasks.get(task)!.inbox.length >= TALK_LIMITS.inbox)
  if (full !== undefined) return run.plan.tasks[full]!.id
  return person && run.talk.personInbox.length >= TALK_LIMITS.inbox ? 'the person' : undefined
}

/** The engine's own messages: nobody's rights are asked, and nobody being there is no reason not to send. */
export function tell(
  draft: Draft,
  run: RunId,
  receivers: Receivers,
  message: MessageDraftInput,
  asked?: Message,
): void {
  emit(draft, run, { kind: 'engine' }, messageDraftSchema.parse(message), receivers, asked)
}

function emit(
  draft: Draft,
  id: RunId,
  from: Party,
  message: MessageDraft,
  { tasks, person }: Receivers,
  asked: Message | undefined,
): void {
  const run = draft.run(id)
  const number = run.talk.messages.count + 1
  const sla = communicationOf(run.plan).responseSlaMs
  const expectsAnswer = message.type === 'REQUEST' && (tasks.length > 0 || person)
  draft.emitRun(id, {
    type: 'message.sent',
    number,
    from,
    recipients: [...tasks],
    toPerson: person,
    due: expectsAnswer ? draft.now + sla : null,
    answers: asked?.number ?? null,
    thread: message.thread ?? asked?.thread ?? `t${number}`,
    draft: message,
  })
  if (asked !== undefined && message.type === 'RESPONSE') closeAsked(draft, id, from, asked)
  callPerson(draft, id, number)
}

/** Who answers a message has handled it. */
function closeAsked(draft: Draft, id: RunId, from: Party, asked: Message): void {
  const run = draft.run(id)
  const now = find(run.talk.messages, asked.number)
  if (from.kind === 'task' && now?.open.includes(from.task) === true)
    draft.emitRun(id, { type: 'message.handled', task: from.task, numbers: [asked.number] })
  if (from.kind === 'person' && now?.personOpen === true)
    draft.emitRun(id, { type: 'message.handled', task: null, numbers: [asked.number] })
  if (now === undefined || now.answer !== null) resolve(draft, id, `m${asked.number}:unanswered`, 'answered')
  if (from.kind === 'person') resolve(draft, id, `m${asked.number}:question`, 'answered')
}

/** A question to the person waits for an answer; what is most urgent is shown to them until it has been read. */
function callPerson(draft: Draft, id: RunId, number: number): void {
  const message = find(draft.run(id).talk.messages, number)!
  const { from } = message
  const task = from.kind === 'task' ? from.task : null
  const about = `m${number}`
  const text = [message.subject, message.content].filter((part) => part !== '').join(': ')
  // A run that is over asks nobody.
  if (draft.run(id).endedAt !== null) return
  if (message.toPerson && message.type === 'REQUEST') {
    raiseAbout(draft, id, { about, kind: 'question', task, text, choices: message.options })
  } else if (message.priority === 0 && from.kind !== 'person' && from.kind !== 'outside') {
    raiseAbout(draft, id, { about, kind: 'p0-message', task, text, choices: [] })
  }
}

/** The message that `reference` names: `12`, `m12`, or the id its sender gave it. */
export function correlated(run: Run, reference: string): Message | undefined {
  const number = /^m?(\d+)$/.exec(reference)?.[1]
  const byNumber = number === undefined ? undefined : find(run.talk.messages, Number(number))
  if (byNumber !== undefined) return byNumber
  let found: Message | undefined
  for (const message of messagesOf(run.talk.messages)) if (message.ref === reference) found = message
  return found
}

type Found =
  | { readonly ok: true; readonly receivers: Receivers }
  | { readonly ok: false; readonly code: 'unknown' | 'forbidden'; readonly reason: string }

const unknown = (reason: string): Found => ({ ok: false, code: 'unknown', reason })

function receiversOf(run: Run, from: Party, message: MessageDraft, asked: Message | undefined): Found {
  const self = from.kind === 'task' ? from.task : null
  const to = message.to.trim()
  if (from.kind === 'outside') return { ok: true, receivers: listenersOf(run, to) }
  if (to === 'sender') return backTo(run, asked)
  if (to === HELP || (message.kind === 'request_help' && message.skills.length > 0))
    return { ok: true, receivers: findHelper(run, message.skills, self) }
  const resolved = resolveAddress(run, to, self)
  if (!resolved.ok) return unknown(resolved.reason)
  const { tasks, person } = resolved.receivers
  if (tasks.length > 0 || person || isTopic(to)) return resolved
  return unknown(`nobody is at ${to}`)
}

function backTo(run: Run, asked: Message | undefined): Found {
  if (asked === undefined) return unknown('only an answer can go to "sender"')
  switch (asked.from.kind) {
    case 'task': {
      const { task } = asked.from
      const { outcome } = run.tasks.get(task)!
      if (outcome === null) return { ok: true, receivers: { tasks: [task], person: false } }
      return unknown(
        `${run.plan.tasks[task]!.id} is over (${outcome}); nobody waits for the answer; mark it as handled`,
      )
    }
    case 'person':
      return { ok: true, receivers: { tasks: [], person: true } }
    default:
      return unknown('that message takes no answer')
  }
}

function permitted(
  run: Run,
  from: Party,
  message: MessageDraft,
  receivers: Receivers,
  asked: Message | undefined,
): Found {
  if (from.kind !== 'task' || isFree(message)) return { ok: true, receivers }
  const own = rolesOfTask(run, from.task)
  // Whoever was written to may answer who wrote, and nobody else for it.
  const asker = asked?.from.kind === 'task' && asked.recipients.includes(from.task) ? asked.from.task : null
  const tasks = receivers.tasks.filter(
    (task) =>
      task === asker ||
      rolesOfTask(run, task).some((to) => own.some((role) => mayMessage(run.plan, role, to))),
  )
  if (tasks.length > 0 || receivers.tasks.length === 0)
    return { ok: true, receivers: { tasks, person: receivers.person } }
  const role = own[0]!
  const names = allowedReceivers(run.plan, role).join(', ') || 'nobody but a person'
  return {
    ok: false,
    code: 'forbidden',
    reason: `${role.name} may not write to ${message.to}; the registry lets it write to ${names}`,
  }
}

/** Anybody may call out an emergency or ask for help. */
function isFree(message: MessageDraft): boolean {
  if (message.kind === 'request_help' || message.to.trim() === HELP) return true
  return message.type === 'ALERT' && message.priority === 0
}

/** Nobody of those who are at work still has to be handed it. */
export function isRead(run: Run, message: Message): boolean {
  return message.recipients.every(
    (task) =>
      message.delivered.includes(task) ||
      isSettled(run.tasks.get(task)!) ||
      run.tasks.get(task)!.current === null,
  )
}
