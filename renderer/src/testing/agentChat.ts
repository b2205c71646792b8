import type { RunId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { AgentRequest } from '../../../main/domain/talk/agentCommands.ts'
import { handoffDocumentSchema } from '../../../main/domain/talk/handoff.ts'
import { type MessageDraftInput, messageDraftSchema } from '../../../main/domain/talk/message.ts'
import type { Driver } from '../../../main/domain/testing/driver.ts'
import { committed, exited, merged } from '../../../main/domain/testing/steps.ts'

/** Agents that talk as they might: for looking at conversations, hand-offs, votes and the context. */
export class Chat {
  readonly #driver: Driver
  readonly #run: RunId
  readonly #random: () => number

  constructor(driver: Driver, run: RunId, random: () => number) {
    this.#driver = driver
    this.#run = run
    this.#random = random
  }

  /** Sends what an agent asks for through its door; what is refused is passed over. */
  ask(task: string, request: AgentRequest): void {
    const run = this.#driver.run(this.#run)
    const index = planIndex(run.plan).byId.get(task as never)
    const attempt = index === undefined ? undefined : run.tasks.get(index)!.current?.n
    if (index !== undefined && attempt !== undefined)
      this.#driver.send({ ...request, run: this.#run, task: index, attempt })
  }

  say(task: string, message: MessageDraftInput): number {
    this.ask(task, { type: 'agent.send', message: messageDraftSchema.parse(message) })
    return this.#driver.run(this.#run).talk.messages.count
  }

  person(message: MessageDraftInput): number {
    this.#driver.send({ type: 'message.send', run: this.#run, message: messageDraftSchema.parse(message) })
    return this.#driver.run(this.#run).talk.messages.count
  }

  /** Takes and handles all that waits for it. */
  read(task: string, handle = true): void {
    this.ask(task, { type: 'agent.take', limit: 100 })
    const run = this.#driver.run(this.#run)
    const { inbox } = run.tasks.get(planIndex(run.plan).byId.get(task as never)!)!
    if (handle && inbox.length > 0) this.ask(task, { type: 'agent.handle', messages: inbox.slice(0, 100) })
  }

  handoff(from: string, to: string, title: string, more: object = {}): string {
    const document = handoffDocumentSchema.parse({
      title,
      to,
      completed: ['Tables and indexes are designed', 'Load was tried with 1.2 M rows'],
      artifacts: [
        { path: 'db/schema.sql', type: 'code', hash: 'ab'.repeat(32), bytes: 18_304, status: 'final' },
        { path: 'docs/schema.md', type: 'document', hash: null, bytes: null, status: 'draft' },
      ],
      knownIssues: ['`orders.note` has no limit yet'],
      dependencies: ['PostgreSQL 16 with *pgvector*'],
      successCriteria: ['All migrations run in under 50 ms a lock', 'No query over 20 ms'],
      notes: 'Ask before you **rename** anything.',
      ...more,
    })
    this.ask(from, { type: 'agent.hand-off', handoff: null, document })
    return this.#driver.run(this.#run).talk.handoffs.at(-1)?.id ?? ''
  }

  validate(failed = false): void {
    const handoff = this.#driver.run(this.#run).talk.handoffs.findLast(({ state }) => state === 'initiated')
    if (handoff === undefined) return
    const { id, from: task, attempt } = handoff
    this.#driver.send({
      type: 'report.validated',
      run: this.#run,
      task,
      attempt,
      handoff: id,
      checks: checks(failed),
    })
  }

  finish(task: string): void {
    const run = this.#driver.run(this.#run)
    const index = planIndex(run.plan).byId.get(task as never)!
    const place = { run: this.#run, task: index, attempt: run.tasks.get(index)!.current!.n }
    this.#driver.send(exited(place, 0))
    this.#driver.send(committed(place))
    this.#driver.send(merged(place))
  }

  /** One of the things agents say all day, from one to another. */
  babble(): void {
    const run = this.#driver.run(this.#run)
    const busy = run.plan.tasks.flatMap(({ id }, i) =>
      run.tasks.get(i)!.current?.state === 'RUNNING' ? [id as string] : [],
    )
    const from = this.#pick(busy)
    const to = this.#pick(busy.filter((task) => task !== from))
    if (from === undefined || to === undefined) return
    this.read(to)
    const message = this.#pick(SMALL_TALK)!
    this.say(from, { ...message, to })
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }
}

export function checks(failed: boolean) {
  const passed = (name: string, detail = '') => ({ name, result: 'passed', detail })
  return [
    passed('context_updated'),
    passed('artifacts_accessible', '2 of 2 can be read'),
    passed('dependencies_documented'),
    passed('known_issues_listed'),
    failed
      ? { name: 'success_criteria_defined', result: 'failed', detail: 'no criterion can be measured' }
      : passed('success_criteria_defined'),
    {
      name: 'syntax_validation',
      result: failed ? 'failed' : 'passed',
      detail: failed ? 'schema.sql:41: unexpected )' : '',
    },
    { name: 'security_scanning', result: 'unset', detail: '' },
  ] as never
}

const SMALL_TALK: readonly Omit<MessageDraftInput, 'to'>[] = [
  { type: 'UPDATE', kind: 'status_update', subject: 'Half way', content: 'The first 12 tables are through.' },
  { type: 'UPDATE', subject: 'Names', content: 'I call it `order_line`, not `order_item`.' },
  {
    type: 'UPDATE',
    kind: 'task_complete',
    subject: 'Pool is done',
    content: 'Connections are kept for 30 s.',
  },
  { type: 'ALERT', priority: 1, subject: 'Slow disk', content: 'Writes take 80 ms here; yours may, too.' },
  { type: 'UPDATE', priority: 3, subject: 'Note', content: 'The fixtures moved to `test/fixtures`.' },
]
