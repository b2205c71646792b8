import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { communicationOf } from '../plan.ts'
import { isSettled } from '../state.ts'
import { type Ballot, type BallotDraft, tally } from './ballot.ts'
import { type MessageDraft, messageDraftSchema, type Party } from './message.ts'
import { messagesOf } from './messageLog.ts'
import { allowedFor, send, tell } from './sending.ts'
import { TALK_LIMITS } from './talk.ts'

/** Opens a ballot and asks its voters, who vote by name or by answering. The answer is the ballot's name. */
export function open(draft: Draft, id: RunId, from: Party, ballot: BallotDraft): Verdict {
  const run = draft.run(id)
  const by = from.kind === 'task' ? from.task : null
  const mine = run.talk.ballots.filter((other) => other.by === by && other.closed === null)
  if (mine.length >= TALK_LIMITS.openBallotsOfTask)
    return reject('not-now', `${mine.length} ballots of yours are open; let one of them close first`)
  if (run.talk.ballots.length >= TALK_LIMITS.ballots)
    return reject('not-now', `this run has had ${TALK_LIMITS.ballots} ballots already`)
  if (new Set(ballot.options).size < ballot.options.length)
    return reject('invalid', 'two options of the ballot are the same')
  const name = `v${run.talk.ballots.length + 1}`
  const call = callOf(name, ballot)
  const allowed = allowedFor(run, from, call)
  if (!allowed.ok) return reject(allowed.code, allowed.reason)
  const voters = allowed.receivers.tasks
  if (voters.length === 0) return reject('unknown', `nobody at ${ballot.to} can vote`)
  const needed = ballot.needed ?? Math.min(voters.length, Math.max(2, Math.floor(voters.length / 2) + 1))
  if (needed > voters.length)
    return reject('invalid', `${needed} votes are needed, and there are ${voters.length} voters`)
  const due = draft.now + (ballot.openMs ?? communicationOf(run.plan).responseSlaMs)
  const { question, options } = ballot
  draft.emitRun(id, {
    type: 'ballot.opened',
    id: name,
    by,
    question,
    options: [...options],
    voters: [...voters],
    needed,
    due,
  })
  const refused = send(draft, id, from, call)
  draft.answer = { ballot: name }
  return refused
}

/** The message that asks for the votes. */
function callOf(name: string, { to, question, options }: BallotDraft): MessageDraft {
  return messageDraftSchema.parse({
    to,
    type: 'UPDATE',
    kind: 'vote',
    subject: `Vote ${name}: ${question}`.slice(0, 200),
    content: `${question}\n\n${options.map((option) => `- ${option}`).join('\n')}`,
    payload: JSON.stringify({ ballot: name, options }),
    options,
    tags: [name],
    thread: name,
  })
}

/** One vote each, and the last word: a vote cannot be changed. The person's vote decides. */
export function vote(draft: Draft, id: RunId, task: number | null, name: string, option: string): Verdict {
  const run = draft.run(id)
  const ballot = run.talk.ballots.find((other) => other.id === name)
  if (ballot === undefined) return reject('unknown', `there is no ballot ${name}`)
  if (!ballot.options.includes(option))
    return reject('invalid', `${name} can be answered with ${ballot.options.join(', ')}`)
  if (task !== null && !ballot.voters.includes(task))
    return reject('forbidden', `you have no vote in ${name}`)
  const before = ballot.votes.find((other) => other.task === task)
  if (before?.option === option) return undefined
  if (before !== undefined) return reject('invalid', `you voted ${before.option} in ${name} already`)
  if (ballot.closed !== null) return reject('not-now', `${name} is closed`)
  draft.emitRun(id, { type: 'ballot.voted', id: name, task, option })
  if (task !== null) handleCall(draft, id, task, name)
  count(draft, id, name)
  return undefined
}

/** Who votes has handled the message that called to it. */
function handleCall(draft: Draft, id: RunId, task: number, name: string): void {
  const { tasks, talk } = draft.run(id)
  const inbox = new Set(tasks.get(task)!.inbox)
  const numbers = [...messagesOf(talk.messages)]
    .filter((message) => message.kind === 'vote' && inbox.has(message.number) && message.tags.includes(name))
    .map(({ number }) => number)
  if (numbers.length > 0) draft.emitRun(id, { type: 'message.handled', task, numbers })
}

/** Closes what is decided: by the person, by votes enough, or because nobody is left who could vote. */
function count(draft: Draft, id: RunId, name: string): void {
  const run = draft.run(id)
  const ballot = run.talk.ballots.find((other) => other.id === name)!
  const person = ballot.votes.find(({ task }) => task === null)
  const winner = person?.option ?? leader(ballot)
  if (winner !== undefined) {
    close(draft, id, ballot, winner, 'decided')
    return
  }
  const left = ballot.voters.filter(
    (task) => !ballot.votes.some((cast) => cast.task === task) && !isSettled(run.tasks.get(task)!),
  )
  if (left.length > 0) return
  close(draft, id, ballot, null, ballot.votes.length === ballot.voters.length ? 'all-voted' : 'voters-gone')
}

function leader(ballot: Ballot): string | undefined {
  return tally(ballot).find(({ votes }) => votes >= ballot.needed)?.option
}

function close(
  draft: Draft,
  id: RunId,
  ballot: Ballot,
  result: string | null,
  reason: NonNullable<Ballot['closed']>['reason'],
): void {
  draft.emitRun(id, { type: 'ballot.closed', id: ballot.id, result, reason })
  const run = draft.run(id)
  const asker = ballot.by !== null && !isSettled(run.tasks.get(ballot.by)!) ? [ballot.by] : []
  const votes = tally(ballot).map(({ option, votes: n }) => `${option}: ${n}`)
  const content =
    result === null
      ? `No option got ${ballot.needed} votes (${votes.join(', ')}).`
      : `${result} (${votes.join(', ')})`
  const subject = `Vote ${ballot.id} ${result === null ? 'is undecided' : 'is decided'}`
  const payload = JSON.stringify({ ballot: ballot.id, result, reason })
  const to = asker.length === 0 ? 'person' : run.plan.tasks[asker[0]!]!.id
  const told = { to, type: 'UPDATE', kind: 'vote', subject, content, payload, thread: ballot.id } as const
  tell(draft, id, { tasks: asker, person: asker.length === 0 }, { ...told, tags: [ballot.id] })
}

export function timeUp(draft: Draft, id: RunId, name: string): Verdict {
  const ballot = draft.run(id).talk.ballots.find((other) => other.id === name)
  if (ballot === undefined || ballot.closed !== null) return reject('stale', 'that ballot is closed')
  if (ballot.due > draft.now) return reject('stale', 'its time is not up')
  close(draft, id, ballot, leader(ballot) ?? null, 'time')
  return undefined
}

/** A voter is over: a ballot may have nobody left to wait for. */
export function recount(draft: Draft, id: RunId): void {
  for (const ballot of draft.run(id).talk.ballots) if (ballot.closed === null) count(draft, id, ballot.id)
}
