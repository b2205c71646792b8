import { type AgentRequest, agentRequestSchema } from '../../domain/talk/agentCommands.ts'
import { type Driver, PROJECT, RUN } from '../../domain/testing/driver.ts'

/** Agents and a person who say and record anything at any time. What is refused changes nothing. */
export class Talker {
  readonly #driver: Driver
  readonly #random: () => number

  constructor(driver: Driver, random: () => number) {
    this.#driver = driver
    this.#random = random
  }

  act(): void {
    const { tasks } = this.#driver.run()
    const atWork = [...tasks].flatMap(({ current }, task) => (current === null ? [] : [task]))
    if (atWork.length === 0 || this.#random() < 0.2) {
      this.#person()
      return
    }
    const task = this.#pick(atWork)
    const attempt = tasks.get(task)!.current!.n
    const at = { run: RUN, task, attempt }
    this.#driver.send({ ...agentRequestSchema.parse(this.#request()), ...at })
    this.#settle()
  }

  /** What the engine's effects would report. */
  #settle(): void {
    for (const [task, { current }] of [...this.#driver.run().tasks].entries()) {
      if (current === null) continue
      const at = { run: RUN, task, attempt: current.n }
      for (const { id, state, from } of this.#driver.run().talk.handoffs)
        if (state === 'initiated' && from === task)
          this.#driver.send({ type: 'report.validated', ...at, handoff: id, checks: [] })
      if (current.effects.includes('work.checkpoint'))
        this.#driver.send({ type: 'report.checkpointed', ...at, commit: null, error: null })
    }
  }

  #person(): void {
    const risk = { id: this.#name(), title: this.#text(), level: this.#pick(['low', 'critical']) }
    const component = { name: this.#component(), change: this.#text(), owners: [this.#text()] }
    if (this.#random() < 0.5)
      this.#driver.send({ type: 'risk.record', project: PROJECT, risk: risk as { id: string } })
    else this.#driver.send({ type: 'component.record', project: PROJECT, component })
  }

  #request(): unknown {
    const tasks = this.#driver.run().plan.tasks.map(({ id }) => id as string)
    const handoff = `h${1 + Math.floor(this.#random() * 3)}`
    const requests: readonly (() => Record<string, unknown> & Pick<AgentRequest, 'type'>)[] = [
      () => ({ type: 'agent.progress', percent: Math.floor(this.#random() * 100), text: this.#text() }),
      () => ({ type: 'agent.output', name: `o${Math.floor(this.#random() * 3)}`, value: this.#text() }),
      () => ({
        type: 'agent.publish',
        artifact: { path: `out/${this.#name()}`, type: 'code', hash: 'a'.repeat(64), bytes: 3 },
      }),
      () => ({
        type: 'agent.send',
        message: { to: this.#pick([...tasks, 'all', 'person']), type: 'REQUEST', content: this.#text() },
      }),
      () => ({ type: 'agent.take', limit: 10 }),
      () => ({ type: 'agent.check', step: this.#pick(['register', 'read_framework', 'plan_approach']) }),
      () => ({ type: 'agent.checkpoint', note: '' }),
      () => ({
        type: 'agent.hand-off',
        document: {
          title: this.#text(),
          to: this.#pick(tasks),
          completed: [this.#text()],
          knownIssues: ['none'],
          dependencies: ['none'],
          successCriteria: ['works'],
        },
      }),
      () => ({ type: 'agent.accept', handoff }),
      () => ({ type: 'agent.clarify', handoff, question: this.#text() }),
      () => ({ type: 'agent.clarified', handoff, answer: this.#text() }),
      () => ({ type: 'agent.decline', handoff, reason: this.#text() }),
      () => ({ type: 'agent.risk', risk: { id: this.#name(), title: this.#text(), status: 'closed' } }),
      () => ({ type: 'agent.component', component: { name: this.#component(), status: 'done' } }),
    ]
    return this.#pick(requests)()
  }

  #name(): string {
    return this.#pick(['a', 'b-2', 'con', 'long'.repeat(16)])
  }

  #component(): string {
    return this.#pick([
      'api',
      'API',
      'api/state.yaml',
      'api/v1',
      'nul',
      'a.',
      'x'.repeat(200),
      'api/V1/owners.yaml',
    ])
  }

  #text(): string {
    return this.#pick([
      'fine',
      'no',
      '1: # not a comment',
      'two\nlines\n',
      '\ud800 \u0000 \u2028',
      '- a\n- b',
      '"',
    ])
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!
  }
}
