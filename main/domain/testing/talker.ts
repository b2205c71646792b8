import type { ClientCommand } from '../commands.ts'
import type { Lock } from '../locks/lock.ts'
import type { Run } from '../state.ts'
import type { AgentRequest } from '../talk/agentCommands.ts'
import { handoffDocumentSchema } from '../talk/handoff.ts'
import { type MessageDraftInput, messageDraftSchema } from '../talk/message.ts'
import { find } from '../talk/messageLog.ts'

const TYPES = ['REQUEST', 'REQUEST', 'UPDATE', 'ALERT'] as const
const KINDS = [null, null, 'request_help', 'error', 'status_update'] as const
const CHANNELS = ['#ops', 'agent.results'] as const
const PRIORITIES = [0, 1, 2, 2, 3] as const

/** What an agent might say next, by chance and by what it can see; much of it is refused. `ref` marks what it sends. */
export function anyRequest(run: Run, task: number, random: () => number, ref: string): AgentRequest {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const { inbox } = run.tasks.get(task)!
  const place = { run, task, pick, ref }
  const share = random()
  if (share < 0.3) return message(somewhere(place))
  if (share < 0.45) return { type: 'agent.take', limit: pick([1, 2, 100]) }
  if (share < 0.6 && inbox.length > 0) {
    const messages = random() < 0.5 ? [inbox[0]!] : inbox.slice(0, 100)
    return { type: 'agent.handle', messages }
  }
  if (share < 0.7 && inbox.length > 0) return message(answer(place, pick(inbox)))
  if (share < 0.85) return aboutHandoffs(place)
  if (share < 0.9) return aboutBallots(place)
  if (share < 0.95) return aboutLocks(place)
  return ofItself(place)
}

const GLOBS = ['src/**', 'src/a.ts', '*.md', 'docs/{a,b}/*'] as const

/** Locks it takes on the way, and waits that count in the wait graph. */
function aboutLocks({ run, pick }: Place): AgentRequest {
  const lock = (): Lock => ({
    ...pick([
      { kind: 'files', on: pick(GLOBS) },
      { kind: 'resource', on: pick(['env:staging', 'cache']) },
    ]),
    mode: pick(['exclusive', 'shared']),
  })
  const locks = pick([[lock()], [lock(), lock()]])
  return pick<AgentRequest>([
    { type: 'agent.lock', locks, wait: pick([true, false]) },
    { type: 'agent.lock', locks, wait: true },
    { type: 'agent.unlock', locks: pick([null, locks]) },
    { type: 'agent.await', on: `m${Math.max(1, run.talk.messages.count)}`, seconds: 5 },
  ])
}

interface Place {
  readonly run: Run
  readonly task: number
  readonly pick: <T>(items: readonly T[]) => T
  readonly ref: string
}

function message(draft: MessageDraftInput): AgentRequest {
  return { type: 'agent.send', message: messageDraftSchema.parse(draft) }
}

function somewhere({ run, pick, ref }: Place): MessageDraftInput {
  const { tasks, roles } = run.plan
  const anyone = pick([
    pick(tasks).id,
    pick(tasks).id,
    pick(roles).name,
    'all',
    'person',
    'help',
    ...CHANNELS,
  ])
  const kind = pick(KINDS)
  const skills = kind === 'request_help' ? [pick(['ts', 'sql', 'ops'])] : []
  const correlation = run.talk.messages.count > 0 && pick([true, false, false]) ? 'm1' : null
  return {
    to: anyone,
    type: pick(TYPES),
    kind,
    skills,
    correlation,
    priority: pick(PRIORITIES),
    content: ref,
    ref,
  }
}

function answer({ run, pick, ref }: Place, number: number): MessageDraftInput {
  const asked = find(run.talk.messages, number)!
  const correlation = pick([String(number), `m${number}`, asked.ref ?? String(number)])
  return { to: pick(['sender', 'sender', 'all']), type: 'RESPONSE', correlation, content: ref, ref }
}

function aboutHandoffs({ run, task, pick, ref }: Place): AgentRequest {
  const mine = run.talk.handoffs.filter(({ from, to }) => from === task || to === task)
  const document = handoffDocumentSchema.parse({
    title: pick(['the API', 'the tests', ref]),
    to: pick([pick(run.plan.tasks).id, pick(run.plan.roles).name]),
    artifacts: [{ path: 'a.ts', type: 'code', hash: null, bytes: null }],
    ...(pick([true, true, false])
      ? { dependencies: ['none'], knownIssues: ['none'], successCriteria: ['it works'] }
      : {}),
  })
  if (mine.length === 0) return { type: 'agent.hand-off', handoff: null, document }
  const { id: handoff } = pick(mine)
  return pick<AgentRequest>([
    { type: 'agent.hand-off', handoff: pick([null, handoff]), document },
    { type: 'agent.accept', handoff },
    { type: 'agent.decline', handoff, reason: 'not mine' },
    { type: 'agent.clarify', handoff, question: 'where?' },
    { type: 'agent.clarified', handoff, answer: 'there' },
  ])
}

function aboutBallots({ run, pick, ref }: Place): AgentRequest {
  const options = ['yes', 'no']
  const { ballots } = run.talk
  const ballot = {
    question: ref,
    options,
    to: pick(['all', '#ops']),
    needed: pick([null, 1]),
    openMs: pick([null, 5_000]),
  }
  if (ballots.length === 0 || pick([true, false, false])) return { type: 'agent.open-ballot', ballot }
  return { type: 'agent.vote', ballot: pick(ballots).id, option: pick(options) }
}

function ofItself({ pick, ref }: Place): AgentRequest {
  const channel = pick(CHANNELS)
  const artifact = { path: 'out/a', type: 'code', hash: 'a'.repeat(64), bytes: 1 } as const
  return pick<AgentRequest>([
    { type: 'agent.join', channel },
    { type: 'agent.join', channel },
    { type: 'agent.leave', channel },
    { type: 'agent.progress', percent: pick([null, 10, 50]), text: ref },
    { type: 'agent.output', name: 'x', value: ref },
    { type: 'agent.publish', artifact },
    { type: 'agent.checkpoint', note: ref },
    { type: 'agent.check', step: 'read_framework' },
    { type: 'agent.risk', risk: { id: 'late', title: 'It may be late', impact: ref } },
    { type: 'agent.component', component: { name: 'api', change: ref } },
  ])
}

/** A person takes part: writes, reads, answers what is asked, votes, decides on hand-offs. */
export function anySaying(run: Run, random: () => number): ClientCommand {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const { id, attention, talk } = run
  const message = messageDraftSchema.parse({
    to: pick([pick(run.plan.tasks).id, 'all']),
    type: pick(['REQUEST', 'UPDATE']),
    content: 'how is it going?',
  })
  const asked = attention.filter(({ about }) => about !== null)
  const commands: ClientCommand[] = [{ type: 'message.send', run: id, message }]
  if (talk.personInbox.length > 0)
    commands.push({ type: 'message.handle', run: id, messages: [pick(talk.personInbox)] })
  if (asked.length > 0) {
    const item = pick(asked)
    const choice = item.choices.length > 0 ? pick(item.choices) : 'as you like'
    commands.push({ type: 'attention.answer', run: id, id: item.id, choice })
  }
  if (talk.ballots.length > 0)
    commands.push({ type: 'ballot.vote', run: id, ballot: pick(talk.ballots).id, option: 'yes' })
  if (talk.handoffs.length > 0) {
    const choice = pick(['transfer', 'withdraw'] as const)
    commands.push({ type: 'handoff.decide', run: id, handoff: pick(talk.handoffs).id, choice })
  }
  return pick(commands)
}
