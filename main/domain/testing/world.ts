import { type Effect, openEffects } from '../effects.ts'
import { commitId, type RunId } from '../ids.ts'
import { type Attempt, isBegun } from '../state.ts'
import { mandatoryChecks } from '../talk/handoffChecks.ts'
import { type Driver, PROJECT } from './driver.ts'
import {
  checked,
  committed,
  conflicted,
  cut,
  evaluatedGate,
  exited,
  lost,
  merged,
  prepared,
  started,
} from './steps.ts'

/** How often, from 0 to 1, the outside fails in each way. */
export interface Odds {
  readonly fail: number
  readonly lost: number
  readonly conflict: number
  readonly stuck: number
  /** An effect is refused for good, or delayed. */
  readonly refused: number
  readonly delayed: number
  /** A report comes twice, or late. */
  readonly repeated: number
  /** Time passes though something could be done. */
  readonly slow: number
}

export const NO_TROUBLE: Odds = {
  fail: 0,
  lost: 0,
  conflict: 0,
  stuck: 0,
  refused: 0,
  delayed: 0,
  repeated: 0,
  slow: 0,
}

export const MUCH_TROUBLE: Odds = {
  fail: 0.2,
  lost: 0.05,
  conflict: 0.1,
  stuck: 0.05,
  refused: 0.03,
  delayed: 0.05,
  repeated: 0.1,
  slow: 0.2,
}

type Report = Parameters<Driver['send']>[0]

/** Numbers from 0 to just under 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Plays the world outside a driver: carries out one open effect or ends one running agent a step, by chance. */
export class World {
  readonly #driver: Driver
  readonly #random: () => number
  readonly #odds: Odds
  readonly #said: Report[] = []

  constructor(driver: Driver, random: () => number, odds: Odds = NO_TROUBLE) {
    this.#driver = driver
    this.#random = random
    this.#odds = odds
  }

  /** False when nothing is left to happen by itself: no effect, no running agent, no timer. */
  step(): boolean {
    const moves = this.#moves()
    if (moves.length === 0 || this.#chance('slow')) {
      const wait = this.#untilNextTimer()
      if (wait !== undefined) this.#driver.advance(wait)
      return wait !== undefined || moves.length > 0
    }
    if (this.#said.length > 0 && this.#chance('repeated')) this.#driver.send(this.#pick(this.#said))
    else this.#report(this.#pick(moves)())
    return true
  }

  /** Steps until nothing is left to happen. Throws when that takes more than `limit` steps. */
  settle(limit = 20_000): void {
    for (let steps = 0; this.step(); steps++)
      if (steps > limit) throw new Error(`no end after ${limit} steps`)
  }

  #chance(of: keyof Odds): boolean {
    return this.#odds[of] > 0 && this.#random() < this.#odds[of]
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!
  }

  #report(report: Report): void {
    this.#driver.send(report)
    this.#said.push(report)
    if (this.#said.length > 20) this.#said.shift()
  }

  #untilNextTimer(): number | undefined {
    const { timers, now } = this.#driver
    if (timers.length === 0) return undefined
    return Math.max(0, timers.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY) - now)
  }

  /** One worker for each attempt and run, as the engine has it: the first open effect of each. */
  #moves(): readonly (() => Report)[] {
    const moves: (() => Report)[] = []
    const busy = new Set<string>()
    for (const effect of openEffects(this.#driver.state)) {
      const worker = `${effect.run}/${effect.task}/${effect.gate ?? ''}`
      if (!busy.has(worker)) moves.push(() => this.#perform(effect))
      busy.add(worker)
    }
    for (const run of this.#driver.state.runs.values()) {
      run.plan.tasks.forEach((_, task) => {
        const { current } = run.tasks.get(task)!
        if (current === null || !isBegun(current)) return
        if (!current.paused && !current.effects.includes('agent.stop'))
          moves.push(() => this.#live(run.id, task, current))
        // What was paused can be ended all the same.
        else if (current.paused && current.stopping !== null && current.effects.length === 0)
          moves.push(() => this.#live(run.id, task, current))
      })
    }
    return moves
  }

  #live(run: RunId, task: number, { n }: Attempt): Report {
    const place = { run, task, attempt: n }
    if (this.#chance('lost')) return lost(place)
    if (this.#chance('stuck')) return { type: 'report.stuck', ...place, quietMs: 3_600_000 }
    return exited(place, this.#chance('fail') ? 1 : 0)
  }

  #perform(effect: Effect): Report {
    const { type, run, task, attempt, gate } = effect
    for (const permanent of [true, false])
      if (this.#chance(permanent ? 'refused' : 'delayed'))
        return {
          type: 'report.effect-failed',
          effect: type,
          run,
          task,
          attempt,
          ...(gate === undefined ? {} : { gate }),
          error: 'no',
          remedy: '',
          permanent,
        }
    return task === null
      ? this.#performOfRun(effect)
      : this.#performOfAttempt(effect, { run, task, attempt: attempt! })
  }

  #performOfRun(effect: Effect): Report {
    const { type, run } = effect
    switch (type) {
      case 'gate.evaluate':
        return this.#evaluated(effect)
      case 'run.prepare':
        return prepared(run)
      case 'run.apply':
        return this.#chance('conflict')
          ? { type: 'report.apply-refused', run, reason: 'changed', remedy: 'merge' }
          : { type: 'report.applied', run, branch: 'main', commit: this.#driver.run(run).tip! }
      case 'run.discard':
        return { type: 'report.discarded', run }
      case 'merge.check':
      case 'merge.advance':
        return this.#queued(run)
      default:
        throw new Error(`${type} is not an effect of a run (${PROJECT})`)
    }
  }

  /** Conditions are met, or are not, or nobody knows. */
  #evaluated(effect: Effect): Report {
    const report = evaluatedGate(this.#driver, effect, !this.#chance('fail'))
    return this.#chance('lost') && report.type === 'report.gate-evaluated'
      ? { ...report, measured: undefined }
      : report
  }

  /** A merge check fails now and then for no reason, comes to no end, or finds a textual conflict. */
  #queued(run: RunId): Report {
    const { n, tasks, move } = this.#driver.run(run).mergeQueue!.check!
    if (move === null && tasks.length > 0 && this.#chance('conflict'))
      return { type: 'report.check-conflict', run, check: n, task: this.#pick(tasks), files: ['a'] }
    const result = this.#chance('lost') ? 'lost' : this.#chance('fail') ? 'failed' : 'passed'
    return checked(this.#driver, run, result)
  }

  #checked(place: { run: RunId; task: number; attempt: number }): Report {
    const run = this.#driver.run(place.run)
    const handoff = run.talk.handoffs.find(({ from, state }) => from === place.task && state === 'initiated')
    if (handoff === undefined) return { type: 'report.effect-done', effect: 'handoff.validate', ...place }
    const checks = mandatoryChecks(run, handoff, this.#chance('fail') ? ['a.ts'] : [])
    // Half of the agents have said how far they are.
    const kept = this.#random() < 0.5 ? checks : checks.filter(({ name }) => name !== 'context_updated')
    return { type: 'report.validated', ...place, handoff: handoff.id, checks: kept }
  }

  #aside(place: { run: RunId; task: number; attempt: number }): Report {
    const { count, open } = this.#driver.run(place.run).tasks.get(place.task)!.current!.strays!
    const kept = !this.#chance('lost')
    return {
      type: 'report.set-aside',
      ...place,
      count,
      commit: kept ? 'a'.repeat(40) : null,
      patch: kept ? 'b'.repeat(64) : null,
      paths: kept ? (open?.paths ?? []) : [],
      left: [],
    }
  }

  #performOfAttempt({ type }: Effect, place: { run: RunId; task: number; attempt: number }): Report {
    switch (type) {
      case 'workspace.cut':
        return this.#chance('conflict') ? { type: 'report.cut-conflict', ...place, files: ['a'] } : cut(place)
      case 'agent.start':
        return this.#chance('lost') ? lost(place) : started(place)
      case 'work.commit':
        return committed(place, this.#random() < 0.3 ? null : 'd'.repeat(40))
      case 'work.merge':
        return this.#chance('conflict') ? conflicted(place) : merged(place)
      case 'agent.stop':
      case 'agent.pause':
      case 'agent.resume':
        return { type: 'report.effect-done', effect: type, ...place }
      case 'handoff.validate':
        return this.#checked(place)
      case 'work.set-aside':
        return this.#aside(place)
      case 'work.put-back':
        return { type: 'report.put-back', ...place }
      case 'work.checkpoint':
        return { type: 'report.checkpointed', ...place, commit: commitId('f'.repeat(40)), error: null }
      default:
        throw new Error(`${type} is not an effect of an attempt`)
    }
  }
}
