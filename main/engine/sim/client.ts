import type { ClientCommand, Outcome } from '../../domain/commands.ts'
import { type CommandId, commandId } from '../../domain/ids.ts'
import type { RunningEngine } from '../startEngine.ts'
import type { Random } from './random.ts'
import { OUTSIDE } from './timeline.ts'
import type { SimWorld } from './world.ts'

export interface Sent {
  readonly id: CommandId
  readonly command: ClientCommand
  /** Undefined until acknowledged. */
  outcome: Outcome | undefined
}

/** How long a client waits before it sends again what failed, ms. */
const RESEND_MS = 1_000

/**
 * Whoever sends commands: waits for each answer, and sends again under the same id what failed or was never
 * answered because the engine died; now and then twice for no reason.
 */
export class Client {
  readonly sent: Sent[] = []
  readonly #world: SimWorld
  readonly #random: Random
  #engine: RunningEngine | undefined

  constructor(world: SimWorld, random: Random) {
    this.#world = world
    this.#random = random
  }

  get engine(): RunningEngine | undefined {
    return this.#engine
  }

  /** An engine is there, or has gone. */
  connect(engine: RunningEngine | undefined): void {
    this.#engine = engine
    if (engine === undefined) return
    for (const sent of this.sent) if (sent.outcome === undefined) this.#ask(engine, sent)
  }

  send(command: ClientCommand): Sent {
    const sent: Sent = { id: commandId(`ann-${this.sent.length + 1}`), command, outcome: undefined }
    this.sent.push(sent)
    if (this.#engine === undefined) return sent
    this.#ask(this.#engine, sent)
    if (this.#random.chance(0.2)) this.#again(sent, this.#random.int(0, 20))
    return sent
  }

  #again(sent: Sent, ms: number): void {
    this.#world.timeline.add(ms, OUTSIDE, () => {
      if (this.#engine !== undefined) this.#ask(this.#engine, sent)
    })
  }

  #ask(engine: RunningEngine, sent: Sent): void {
    engine.dispatch(sent.command, 'person:ann', sent.id).then(
      (outcome) => this.#answered(sent, outcome),
      () => {
        if (sent.outcome === undefined) this.#again(sent, RESEND_MS)
      },
    )
  }

  #answered(sent: Sent, outcome: Outcome): void {
    const first = sent.outcome
    // A refusal is not remembered: asked again later, the answer may be another.
    if (first?.ok === true && JSON.stringify(first) !== JSON.stringify(outcome))
      this.#world.violate(`${sent.id} was answered ${JSON.stringify(first)} and ${JSON.stringify(outcome)}`)
    sent.outcome = first?.ok === true ? first : outcome
    const { disk } = this.#world
    if (!outcome.ok) return
    if (disk.outcomes.get(sent.id) !== JSON.stringify(outcome) || disk.events.length < outcome.seq)
      this.#world.violate(`${sent.id} was acknowledged and is not on disk`)
  }
}
