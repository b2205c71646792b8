import { commandId, projectId } from '../main/domain/ids.ts'
import { needsPerson } from '../main/domain/metrics.ts'
import type { Plan } from '../main/domain/plan.ts'
import type { Run, State } from '../main/domain/state.ts'
import { openClock } from '../main/engine/clock.ts'
import type { DoorEngine } from '../main/engine/ports/doors.ts'
import { StoreError } from '../main/engine/ports/store.ts'
import type { Scheduling } from '../main/engine/scheduling.ts'
import { type RunningEngine, startEngine } from '../main/engine/startEngine.ts'
import { type HostReading, NOTHING_KNOWN } from '../main/engine/vitals.ts'
import { openMemoryStore } from '../main/store/memoryStore.ts'
import type { Clash } from './branch.ts'
import { CALM, type CrashPoint, type FaultRates, type Outside } from './faults.ts'
import { meddle } from './meddling.ts'
import { RUN } from './plans.ts'
import {
  simulatedDoors,
  simulatedFiles,
  simulatedForesight,
  simulatedGates,
  simulatedRunner,
  simulatedWorkspaces,
} from './ports.ts'
import { Random } from './random.ts'
import { isOfAgent, type Pending, type ScriptStep, spokenBy } from './script.ts'
import { simulatedStore } from './store.ts'
import { type Reach, Talkers } from './talk.ts'
import { type Life, settled, Turns } from './turns.ts'
import { type Behaviour, SimulatedWorld } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly plan: Plan
  readonly behaviour: Behaviour
  /** In force until `chaosMs` have passed. */
  readonly rates: FaultRates
  readonly chaosMs: number
  readonly crashPoint?: CrashPoint
  /** A person who meddles, as chances per turn. */
  readonly meddling: number
  /** Sent once, each as soon as its condition holds. */
  readonly script?: readonly ScriptStep[]
  /** The wall clock jumps by up to so much at each restart, ms. */
  readonly clockJumpMs?: number
  /** Agents talk while they run. */
  readonly talking?: boolean
  /** Conflicts are foreseen, right or wrong. */
  readonly foreseeing?: boolean
  /** The machine's memory is short now and then, until the calm. */
  readonly pressure?: boolean
  /** What does not go together in the run's branch; checks fail with it. */
  readonly clashes?: readonly Clash[]
  /** Checks fail whatever is merged, until a person has been asked. */
  readonly broken?: boolean
  /** Share of restarts that are reboots of the machine. */
  readonly reboots?: number
}

export interface Acknowledged {
  readonly id: string
  readonly seq: number
}

const PROJECT = projectId('sim')
/** More turns than any sound history needs. */
const MAX_TURNS = 60_000

/**
 * The whole engine on a seed: virtual time, chance for order, faults, deaths and restarts. The same seed gives the
 * same log, byte for byte. `run` plays until the run is settled and delivered, or throws when it stalls.
 */
export class Simulation {
  readonly options: SimulationOptions
  readonly random: Random
  readonly turns: Turns
  readonly world: SimulatedWorld
  /** Undefined where agents do not talk. */
  readonly talkers: Talkers | undefined
  readonly acknowledged: Acknowledged[] = []
  crashes = 0
  readonly #outside: Outside
  #life: Life = { alive: false }
  /** Undefined while no engine is up. */
  #engine: RunningEngine | undefined
  /** As agents reach it. */
  #door: DoorEngine | undefined
  #wallOffset = 0
  #boot = 0
  #bootedAt = 0
  #person = 0
  readonly #pending: Pending[] = []
  #scriptAt = 0

  constructor(options: SimulationOptions) {
    this.options = options
    this.random = new Random(options.seed)
    this.turns = new Turns(this.random)
    this.world = new SimulatedWorld(this.turns, this.random, options.behaviour)
    this.talkers = options.talking ? new Talkers(this.world, options.seed, () => this.#reached()) : undefined
    this.world.branch.clash(options.clashes ?? [])
    this.world.branch.broken = options.broken ?? false
    this.world.onBegin = (container) => this.talkers?.begin(container)
    this.#outside = {
      turns: this.turns,
      random: this.random,
      rates: options.rates,
      crashPoint: options.crashPoint ?? {},
      crash: (life) => this.#crash(life),
    }
  }

  get state(): State | undefined {
    return this.#engine?.state
  }

  async run(): Promise<void> {
    this.#ask({ type: 'project.register', project: PROJECT, root: '/repo', name: 'sim' }, 'register')
    this.#ask(
      { type: 'run.start', project: PROJECT, run: RUN, runner: 'simulated', plan: this.options.plan },
      'start',
    )
    this.#boots(0)
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      if (this.turns.now > this.options.chaosMs) this.#calm()
      if (this.#isOver()) return this.#windDown()
      this.#act()
      if (!(await this.turns.step())) throw new Error('nothing is left to happen, and the run is not over')
    }
    throw new Error(`no end after ${MAX_TURNS} turns: ${JSON.stringify(this.#runState()?.counts)}`)
  }

  /** Lets clean-ups come to their end: their retries are timed. */
  async #windDown(): Promise<void> {
    const until = this.turns.now + 120_000
    while (this.turns.now < until && (await this.turns.step())) {
      if (
        this.world.containers.size === 0 &&
        this.world.networks.size === 0 &&
        this.turns.now > until - 60_000
      )
        break
    }
    await this.#engine?.close()
    await settled()
  }

  #isOver(): boolean {
    const run = this.#runState()
    if (run === undefined || run.endedAt === null || run.effects.length > 0) return false
    return this.#pending.length === 0 && this.#scriptAt === (this.options.script?.length ?? 0)
  }

  #runState(): Run | undefined {
    return this.#engine?.state.runs.get(RUN)
  }

  #calm(): void {
    this.#outside.rates = CALM
    const { maxMs } = this.world.behaviour
    this.world.behaviour = { maxMs, failing: 0, vanishing: 0, conflicting: 0, hanging: 0 }
  }

  #crash(life: Life): void {
    if (!life.alive) return
    life.alive = false
    this.crashes++
    this.#engine = undefined
    this.#door = undefined
    for (const command of this.#pending) command.sentIn = null
    const { random, options } = this
    if (options.clockJumpMs !== undefined)
      this.#wallOffset += random.int(-options.clockJumpMs, options.clockJumpMs)
    if (random.chance(options.reboots ?? 0)) {
      this.#boot++
      this.#bootedAt = this.turns.now
      this.world.reboot()
    }
    this.#boots(random.int(1, 3_000))
  }

  #boots(delayMs: number): void {
    const life: Life = { alive: true }
    this.turns.add({ alive: true }, delayMs, () => {
      this.#life = life
      void this.#start(life)
    })
  }

  async #start(life: Life): Promise<void> {
    const { turns, world } = this
    const source = {
      wall: () => 1_750_000_000_000 + turns.now + this.#wallOffset,
      uptime: () => turns.now - this.#bootedAt,
      bootId: () => `boot${this.#boot}`,
    }
    const store = simulatedStore(openMemoryStore(world.disk), this.#outside, life)
    try {
      const clock = await openClock(store, source, world.disk.events.at(-1)?.time ?? 0)
      const scheduling: Scheduling = {
        now: () => clock.now(),
        immediate: (run) => void turns.add(life, 0, run),
        after: (ms, run) => turns.add(life, ms, run),
      }
      this.#engine = await startEngine({
        store,
        scheduling,
        runners: new Map([['simulated', simulatedRunner(world, this.#outside, life)]]),
        workspaces: simulatedWorkspaces(world, this.#outside, life),
        gates: simulatedGates(this.#outside, life),
        ...(this.options.foreseeing ? { foresight: simulatedForesight(this.#outside, life) } : {}),
        ...(this.options.pressure ? { readHost: async () => this.#host() } : {}),
        files: simulatedFiles(world),
        doors: (engine) => {
          this.#door = engine
          return simulatedDoors
        },
        wall: () => turns.now,
        freeBytes: async () => null,
        log: () => undefined,
        onSample: () => undefined,
        boot: source.bootId(),
        pid: 1,
        version: '0',
        idPrefix: `e${this.crashes}`,
      })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      // A host that cannot load its log ends and is started again.
      this.#crash(life)
    }
  }

  /** By turns of random length, drawn from the seed and the time alone. */
  #host(): HostReading {
    const isCalm = this.#outside.rates === CALM
    const isShort = !isCalm && new Random(this.options.seed + Math.floor(this.turns.now / 3_000)).chance(0.6)
    return { ...NOTHING_KNOWN, memoryUsed: isShort ? 0.99 : 0.4 }
  }

  /** What people do in this turn: send what is pending, one after the other, follow the script, meddle, and answer when all is calm. */
  #act(): void {
    const engine = this.#engine
    if (engine === undefined || !this.#life.alive) return
    const run = this.#runState()
    const step = this.options.script?.[this.#scriptAt]
    if (step?.when(run, engine.state)) {
      this.#scriptAt++
      this.#ask('command' in step ? step.command : spokenBy(run!, step), `script${this.#scriptAt}`)
    }
    if (run !== undefined && this.random.chance(this.options.meddling))
      this.#ask(meddle(run, this.random, this.talkers !== undefined), `meddle${++this.#person}`)
    const calm = this.#outside.rates === CALM
    if (calm && run !== undefined && this.#pending.length === 0) this.#help(run)
    const [first] = this.#pending
    if (first?.sentIn === null) this.#send(engine, first)
  }

  /** In the calm at the end a person unblocks what waits for one. */
  #help(run: Run): void {
    if (run.endedAt !== null) return
    if (run.paused) this.#ask({ type: 'run.continue', run: RUN }, `help${++this.#person}`)
    let index = 0
    for (const task of run.tasks) {
      const name = run.plan.tasks[index++]!.id
      if (task.current?.paused && task.current.state !== 'CONFLICT')
        this.#ask({ type: 'agent.continue', run: RUN, task: name }, `help${++this.#person}`)
    }
    const conflict = run.attention.find(({ choices }) => choices.includes('discard'))
    if (conflict !== undefined) {
      const choice = this.random.pick(conflict.choices)
      this.#ask({ type: 'attention.answer', run: RUN, id: conflict.id, choice }, `help${++this.#person}`)
      return
    }
    if (!needsPerson(run)) return
    const question = run.attention.find(({ choices }) => choices.includes('retry'))
    if (question === undefined) throw new Error('the run waits for a person, and nothing is asked')
    if (question.kind === 'merge-held') this.world.branch.broken = false
    this.#ask(
      { type: 'attention.answer', run: RUN, id: question.id, choice: 'retry' },
      `help${++this.#person}`,
    )
  }

  #reached(): ReturnType<Reach> {
    const [engine, run] = [this.#door, this.#runState()]
    return engine === undefined || run === undefined ? undefined : { engine, run, life: this.#life }
  }

  #ask(command: Pending['command'], id: string): void {
    this.#pending.push({ id, command, sentIn: null })
  }

  /** Sent again, under the same id, after each death of an engine that had not answered. */
  #send(engine: RunningEngine, item: Pending): void {
    item.sentIn = this.#life
    const life = this.#life
    const done = (seq: number | null): void => {
      if (!life.alive) return
      this.#pending.splice(this.#pending.indexOf(item), 1)
      if (seq !== null) this.acknowledged.push({ id: item.id, seq })
    }
    const { id, command } = item
    const answer = isOfAgent(command)
      ? this.#door!.dispatch(command, 'agent:sim', id)
      : engine.dispatch(command, 'person:sim', commandId(id))
    answer.then(
      (outcome) => done(outcome.ok ? outcome.seq : null),
      () => {
        if (life.alive) item.sentIn = null
      },
    )
  }
}
