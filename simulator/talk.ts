import { parseAttemptId } from '../main/domain/ids.ts'
import { planIndex } from '../main/domain/plan.ts'
import type { Run } from '../main/domain/state.ts'
import type { AgentCommand } from '../main/domain/talk/agentCommands.ts'
import { anyRequest } from '../main/domain/testing/talker.ts'
import type { DoorEngine } from '../main/engine/ports/doors.ts'
import { Random } from './random.ts'
import { type Life, WORLD } from './turns.ts'
import type { Container, SimulatedWorld } from './world.ts'

/** The engine as agents reach it now; undefined while none is up. */
export type Reach = () => Reached | undefined

interface Reached {
  readonly engine: DoorEngine
  readonly life: Life
  readonly run: Run
}

/** What an agent was told is on disk. */
export interface Kept {
  readonly id: string
  readonly seq: number
  readonly command: AgentCommand
  /** The number its message got, if it sent one. */
  readonly message: number | null
}

/** Longest pause between two things an agent says, ms. */
const PAUSE_MS = 200
/** Answers that never reach the agent, as a share. */
const LOST_ANSWERS = 0.1

/**
 * Agents that talk while they run. Each has one request under way at a time and repeats it under the same id until
 * it knows the answer, also from the next life of the engine; what it says next is chance, by what it can see.
 */
export class Talkers {
  /** In the order the answers came. */
  readonly kept: Kept[] = []
  readonly #world: SimulatedWorld
  readonly #random: Random
  readonly #reach: Reach

  constructor(world: SimulatedWorld, seed: number, reach: Reach) {
    this.#world = world
    this.#random = new Random(seed ^ 0x5eed)
    this.#reach = reach
  }

  begin(container: Container): void {
    this.#later({ container, asked: 0, waiting: undefined })
  }

  #later(talker: Talker): void {
    this.#world.turns.add(WORLD, this.#random.int(1, PAUSE_MS), () => {
      if (talker.container.status === 'exited') return
      const reached = this.#reach()
      if (talker.container.status === 'running' && reached !== undefined) this.#speak(talker, reached)
      this.#later(talker)
    })
  }

  #speak(talker: Talker, reached: Reached): void {
    talker.waiting ??= this.#next(talker, reached.run)
    const { waiting } = talker
    if (waiting.sentIn === reached.life) return
    waiting.sentIn = reached.life
    this.#ask(talker, waiting, reached)
  }

  #next(talker: Talker, run: Run): Waiting {
    const { attempt } = talker.container
    const { task: name, attempt: n } = parseAttemptId(attempt)!
    const task = planIndex(run.plan).byId.get(name)!
    const id = `door:${attempt}:${++talker.asked}`
    const request = anyRequest(run, task, () => this.#random.next(), id)
    return { id, command: { ...request, run: run.id, task, attempt: n }, sentIn: undefined }
  }

  #ask(talker: Talker, waiting: Waiting, { engine, life }: Reached): void {
    const { id, command } = waiting
    const again = (): void => {
      waiting.sentIn = undefined
    }
    engine.dispatch(command, `agent:${talker.container.attempt}`, id).then((outcome) => {
      if (!life.alive) return
      if (this.#random.chance(LOST_ANSWERS)) return again()
      talker.waiting = undefined
      const message = (outcome.ok && outcome.answer?.message) || null
      if (outcome.ok) this.kept.push({ id, seq: outcome.seq, command, message })
    }, again)
  }
}

interface Talker {
  readonly container: Container
  asked: number
  waiting: Waiting | undefined
}

interface Waiting {
  readonly id: string
  readonly command: AgentCommand
  /** The life of the engine that has it; undefined when it has to be said again. */
  sentIn: Life | undefined
}
