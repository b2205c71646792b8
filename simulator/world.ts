import { GATE_CHECK } from '../main/domain/gates/places.ts'
import type { AttemptId, CommitId } from '../main/domain/ids.ts'
import { commitId, parseAttemptId } from '../main/domain/ids.ts'
import { MERGE_CHECK } from '../main/domain/merging/mergePolicy.ts'
import {
  type AgentCommandResult,
  type AgentExit,
  type AgentObservation,
  RunnerError,
} from '../main/engine/ports/runner.ts'
import { type MemoryDisk, memoryDisk } from '../main/store/memoryStore.ts'
import { SimulatedBranch } from './branch.ts'
import type { Random } from './random.ts'
import { type Turns, WORLD } from './turns.ts'

export interface Container {
  readonly attempt: AttemptId
  status: 'running' | 'paused' | 'exited'
  startedAt: number
  exit: AgentExit | null
  /** Called and forgotten when it is over or gone. */
  readonly watchers: (() => void)[]
}

/** How agents behave, by chance. */
export interface Behaviour {
  /** Shortest run of a command, ms; default 0. */
  readonly minMs?: number
  /** Longest run of a command, ms. */
  readonly maxMs: number
  readonly failing: number
  /** Share of containers that someone removes behind our back while they run. */
  readonly vanishing: number
  /** Share of merges that conflict. */
  readonly conflicting: number
  /** Share of commands that run for an hour. */
  readonly hanging: number
  /** Share of commands that write what nobody may have declared; default none. */
  readonly straying?: number
}

/** Everything outside the engine's process. It outlives every crash, and counts what really took place. */
export class SimulatedWorld {
  readonly disk: MemoryDisk = memoryDisk()
  readonly containers = new Map<AttemptId, Container>()
  readonly latches = new Set<AttemptId>()
  readonly startedAgain = new Set<AttemptId>()
  readonly networks = new Set<string>()
  readonly clones = new Set<AttemptId>()
  readonly exited = new Map<AttemptId, number>()
  /** How often a command really began, by attempt. */
  readonly begins = new Map<AttemptId, number>()
  /** New commits, merges and deliveries, by attempt or run. */
  readonly commits = new Map<string, number>()
  readonly merges = new Map<string, number>()
  readonly deliveries = new Map<string, number>()
  readonly checkpoints = new Map<string, number>()
  readonly branch = new SimulatedBranch()
  /** What agents wrote beside their work, as it lies in their clones. */
  readonly strays = new Set<AttemptId>()
  /** What of that was set aside, by attempt and count. */
  readonly asides = new Map<string, number>()
  /** Attempts that committed it. */
  readonly strayed = new Map<AttemptId, readonly string[]>()
  /** Told when an agent writes it. */
  readonly strayWatchers = new Map<AttemptId, Set<() => void>>()
  readonly order: AttemptId[] = []
  readonly #conflicts = new Map<CommitId, boolean>()
  /** Each that began, with those that ran at that moment. */
  readonly together: (readonly [began: AttemptId, running: readonly AttemptId[]])[] = []
  /** Most containers that ran at once. */
  mostRunning = 0
  readonly turns: Turns
  readonly random: Random
  behaviour: Behaviour
  /** Told of each command that begins. */
  onBegin: (container: Container) => void = () => undefined

  constructor(turns: Turns, random: Random, behaviour: Behaviour) {
    this.turns = turns
    this.random = random
    this.behaviour = behaviour
  }

  start(attempt: AttemptId): AgentObservation {
    const known = this.containers.get(attempt)
    if (known !== undefined) return observe(known)
    const container: Container = {
      attempt,
      status: 'running',
      startedAt: this.turns.now,
      exit: null,
      watchers: [],
    }
    this.containers.set(attempt, container)
    if (this.latches.has(attempt)) {
      this.startedAgain.add(attempt)
      this.#end(container, 97)
      return observe(container)
    }
    this.latches.add(attempt)
    count(this.begins, attempt)
    this.order.push(attempt)
    if (isCheck(attempt)) return this.#check(container)
    if (isGateCheck(attempt)) return this.#gateCheck(container)
    const running = [...this.containers.values()].filter(
      (other) => other.status !== 'exited' && !isCheck(other.attempt) && !isGateCheck(other.attempt),
    )
    this.mostRunning = Math.max(this.mostRunning, running.length)
    const others = running.map((other) => other.attempt).filter((other) => other !== attempt)
    if (others.length > 0) this.together.push([attempt, others])
    const { behaviour, random } = this
    const { minMs = 0, maxMs } = behaviour
    const duration = random.chance(behaviour.hanging) ? 3_600_000 : random.int(minMs, maxMs)
    const code = random.chance(behaviour.failing) ? 1 : 0
    this.#finishAfter(container, duration, code)
    this.onBegin(container)
    if (behaviour.straying !== undefined && random.chance(behaviour.straying))
      this.turns.add(WORLD, random.int(0, duration / 2), () => this.#stray(container))
    if (random.chance(behaviour.vanishing)) {
      this.turns.add(WORLD, random.int(0, duration), () => {
        if (container.status !== 'exited') this.remove(attempt)
      })
    }
    return observe(container)
  }

  /** A merge check takes its time, and then says what the contents of its clone deserve. */
  #check(container: Container): AgentObservation {
    const { behaviour, random, branch } = this
    const duration = random.int(0, behaviour.maxMs)
    this.#finishAfter(container, duration, branch.verdict(branch.contentsOf(container.attempt)) ? 0 : 1)
    if (random.chance(behaviour.vanishing)) {
      this.turns.add(WORLD, random.int(0, duration), () => {
        if (container.status !== 'exited') this.remove(container.attempt)
      })
    }
    return observe(container)
  }

  #gateCheck(container: Container): AgentObservation {
    const { behaviour, random } = this
    this.#finishAfter(container, random.int(0, behaviour.maxMs), random.chance(behaviour.failing) ? 1 : 0)
    return observe(container)
  }

  stop(attempt: AttemptId, graceMs: number): void {
    const container = this.containers.get(attempt)
    if (container === undefined || container.status === 'exited') return
    this.turns.add(WORLD, this.random.int(0, graceMs), () => this.#end(container, graceMs === 0 ? 137 : 143))
  }

  pause(attempt: AttemptId, wanted: boolean): void {
    const container = this.containers.get(attempt)
    if (container !== undefined && container.status !== 'exited')
      container.status = wanted ? 'paused' : 'running'
  }

  /** A check where the agent works; it fails where the agent is not running. */
  exec(attempt: AttemptId): AgentCommandResult {
    const container = this.containers.get(attempt)
    if (container?.status !== 'running') throw new RunnerError('refused', `${attempt} is not running`, '')
    return { code: this.random.chance(this.behaviour.failing) ? 1 : 0, output: '' }
  }

  /** Whether a commit fits textually is settled when it is first tried. */
  conflicting(commit: CommitId): boolean {
    const known = this.#conflicts.get(commit) ?? this.random.chance(this.behaviour.conflicting)
    this.#conflicts.set(commit, known)
    return known
  }

  remove(attempt: AttemptId): void {
    const container = this.containers.get(attempt)
    if (container === undefined) return
    this.containers.delete(attempt)
    if (container.status !== 'exited') container.status = 'exited'
    for (const wake of container.watchers.splice(0)) wake()
  }

  /** The machine starts anew: what ran is over. */
  reboot(): void {
    for (const container of this.containers.values()) this.#end(container, 255)
  }

  #stray({ attempt, status }: Container): void {
    if (status !== 'running') return
    this.strays.add(attempt)
    for (const told of this.strayWatchers.get(attempt) ?? []) told()
  }

  #finishAfter(container: Container, ms: number, code: number): void {
    this.turns.add(WORLD, ms, () => {
      if (container.status === 'paused') this.#finishAfter(container, 500, code)
      else this.#end(container, code)
    })
  }

  #end(container: Container, code: number): void {
    if (container.status === 'exited') return
    container.status = 'exited'
    container.exit = { code, oomKilled: false, finishedAt: this.turns.now, error: null }
    if (code !== 97) this.exited.set(container.attempt, code)
    for (const wake of container.watchers.splice(0)) wake()
  }
}

export function isCheck(attempt: AttemptId): boolean {
  return parseAttemptId(attempt)!.task === MERGE_CHECK
}

/** A command of a gate: it runs like any, and is no attempt at a task. */
export function isGateCheck(attempt: AttemptId): boolean {
  return parseAttemptId(attempt)!.task === GATE_CHECK
}

export function observe(container: Container): AgentObservation {
  const { attempt, status, startedAt, exit } = container
  return { attempt, handle: `c-${attempt}`, status, startedAt, exit }
}

export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** The attempt whose work a commit of `namedCommit` is. */
export function attemptOf(commit: CommitId): AttemptId {
  return Buffer.from(commit, 'hex')
    .toString()
    .replace(/^work /, '')
    .replace(/\0+$/, '') as AttemptId
}

/** A commit id that says what it is of. */
export function namedCommit(name: string): ReturnType<typeof commitId> {
  return commitId(Buffer.from(name).toString('hex').padEnd(40, '0').slice(0, 80))
}
