import type { ClientCommand } from '../commands.ts'
import { type Driver, RUN } from './driver.ts'
import { anySaying } from './talker.ts'

/** A person who does anything at any time: what is refused changes nothing, and that is checked. */
export class Person {
  readonly #driver: Driver
  readonly #random: () => number

  /** Does the person take part in what the agents say? */
  readonly #talks: boolean

  constructor(driver: Driver, random: () => number, talks = false) {
    this.#driver = driver
    this.#talks = talks
    this.#random = random
  }

  act(): void {
    const before = this.#driver.state
    const says = this.#talks && this.#random() < 0.5
    const command = says ? anySaying(this.#driver.run(), this.#random) : this.#any()
    const rejection = this.#driver.send(command)
    if (rejection !== undefined && this.#driver.state !== before)
      throw new Error('a rejection changed the state')
  }

  /** Lets everything go on that was paused, and answers nothing. */
  unpause(): void {
    this.#driver.send({ type: 'run.continue', run: RUN })
    for (const task of this.#driver.run().plan.tasks)
      this.#driver.send({ type: 'agent.continue', run: RUN, task: task.id })
  }

  #any(): ClientCommand {
    const { plan, attention, gates } = this.#driver.run()
    const gate = this.#pick(gates?.records ?? [])?.id
    const task = this.#pick(plan.tasks).id
    const force = this.#random() < 0.5
    const item = this.#pick(attention)
    const commands: readonly ClientCommand[] = [
      { type: 'task.retry', run: RUN, task },
      { type: 'task.skip', run: RUN, task },
      { type: 'task.rerun', run: RUN, task },
      { type: 'task.rerun', run: RUN, task },
      { type: 'agent.stop', run: RUN, task, force },
      { type: 'agent.pause', run: RUN, task },
      { type: 'agent.continue', run: RUN, task },
      { type: 'run.pause', run: RUN },
      { type: 'run.continue', run: RUN },
      ...(this.#random() < 0.3 ? [{ type: 'run.stop', run: RUN, force } as const] : []),
      ...(this.#random() < 0.1 ? [{ type: 'run.apply', run: RUN } as const] : []),
      ...(gate === undefined
        ? []
        : [
            { type: 'gate.approve', run: RUN, gate, yes: !force, condition: null, why: '' } as const,
            { type: 'gate.evaluate', run: RUN, gate } as const,
            { type: 'gate.skip', run: RUN, gate, why: 'in a hurry' } as const,
          ]),
      ...(item === undefined
        ? []
        : [
            {
              type: 'attention.answer',
              run: RUN,
              id: item.id,
              choice: this.#pick(item.choices) ?? 'ok',
            } as const,
          ]),
    ]
    return this.#pick(commands)
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!
  }
}
