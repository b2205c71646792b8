import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { call } from './client.ts'
import { Terminal } from './terminal.ts'

/** The terminals of agents this process knows: those it started, and those that were typed into since. */
export class Terminals {
  /** Of agents that were started here. */
  readonly started = new Map<AttemptId, Terminal>()
  /** Connections for typing into agents that an earlier process started. */
  readonly #typing = new Map<AttemptId, Promise<Terminal>>()
  /** Of agents started here, so that reading their output needs no look first. */
  readonly #ttys = new Map<AttemptId, boolean>()
  readonly #container: (attempt: AttemptId) => Docker.Container

  constructor(container: (attempt: AttemptId) => Docker.Container) {
    this.#container = container
  }

  begun(attempt: AttemptId, tty: boolean): void {
    this.#ttys.set(attempt, tty)
  }

  /** Undefined where it is not known. */
  hasTty(attempt: AttemptId): boolean | undefined {
    return this.#ttys.get(attempt)
  }

  /** Throws `RunnerError('refused')` for one that is not running or has no terminal. */
  async type(attempt: AttemptId, data: Uint8Array): Promise<void> {
    const live = this.started.get(attempt)
    if (live !== undefined && !live.ended) return await live.write(data)
    const container = this.#container(attempt)
    const info = await call((abortSignal) => container.inspect({ abortSignal }))
    if (!info.State.Running || !info.Config.Tty) {
      const why = info.State.Running ? 'has no terminal' : 'is not running'
      const remedy = 'Only running agents with a terminal take input.'
      throw new RunnerError('refused', `${attempt} ${why}.`, remedy)
    }
    const open = this.#typing.get(attempt)
    if (open !== undefined && !(await open).ended) return await (await open).write(data)
    const attaching = Terminal.attach(container, false)
    this.#typing.set(attempt, attaching)
    attaching.catch(() => this.#typing.delete(attempt))
    await (await attaching).write(data)
  }

  forget(attempt: AttemptId): void {
    this.started.get(attempt)?.close()
    this.started.delete(attempt)
    this.#typing.get(attempt)?.then(
      (terminal) => terminal.close(),
      () => undefined,
    )
    this.#typing.delete(attempt)
    this.#ttys.delete(attempt)
  }

  /** Whose there are. */
  all(): readonly AttemptId[] {
    return [...this.started.keys(), ...this.#typing.keys()]
  }
}
