import { readFileSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'
import { type AttemptId, attemptId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import type { AgentUsageNow, MachineLoad } from './controlCenter.ts'
import type { AgentUsage, Runner } from './ports/runner.ts'

/** Asked more often than this, the last answer is given again, ms. */
const FRESH_MS = 1_500
/** Agents looked at side by side. */
const ABREAST = 8
/** What runners have not told by then is left out of the answer, ms. */
const PATIENCE_MS = 3_000

interface Reading extends AgentUsage {
  /** Monotonic, ms. */
  readonly at: number
}

/**
 * What agents use while somebody looks: read from their runners when asked, at most once in FRESH_MS however many ask.
 * Nothing is read while nobody asks. Always answers in about PATIENCE_MS: a runner that hangs keeps its own agents out of
 * the answer, and is not asked for them again before it has told of them.
 */
export class UsageMeter {
  readonly #state: () => State
  readonly #runners: ReadonlyMap<string, Runner>
  #last = new Map<AttemptId, Reading>()
  #answer: readonly AgentUsageNow[] = []
  #readAt = Number.NEGATIVE_INFINITY
  /** Asked for, and not told yet. */
  readonly #awaited = new Set<AttemptId>()
  /** Set while a reading is under way. */
  #reading: Promise<readonly AgentUsageNow[]> | undefined

  constructor(state: () => State, runners: ReadonlyMap<string, Runner>) {
    this.#state = state
    this.#runners = runners
  }

  async read(): Promise<readonly AgentUsageNow[]> {
    if (performance.now() - this.#readAt < FRESH_MS) return this.#answer
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
      this.#readAt = performance.now()
    })
    return this.#reading
  }

  async #readAll(): Promise<readonly AgentUsageNow[]> {
    const queue = [...running(this.#state())].filter(({ id }) => !this.#awaited.has(id))
    const seen = new Map<AttemptId, Reading>()
    const answer: AgentUsageNow[] = []
    let over = false
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined && !over; next = queue.pop()) {
        const { id } = next
        const usage = await this.#ask(next)
        if (usage === undefined || over) continue
        const reading = { ...usage, at: performance.now() }
        seen.set(id, reading)
        answer.push({
          attempt: id,
          cores: coresBetween(this.#last.get(id), reading),
          memoryBytes: usage.memoryBytes,
        })
      }
    }
    await within(Promise.all(Array.from({ length: ABREAST }, work)), PATIENCE_MS)
    over = true
    this.#last = seen
    this.#answer = answer
    return answer
  }

  async #ask({ id, runner }: Running): Promise<AgentUsage | undefined> {
    this.#awaited.add(id)
    try {
      return await this.#runners.get(runner)?.usage(id)
    } catch {
      return undefined
    } finally {
      this.#awaited.delete(id)
    }
  }
}

/** Resolves with the work, or without it after so long. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

interface Running {
  readonly id: AttemptId
  readonly runner: string
}

function coresBetween(before: Reading | undefined, now: Reading): number | null {
  if (before === undefined || now.at <= before.at) return null
  return Math.max(0, (now.cpuMs - before.cpuMs) / (now.at - before.at))
}

function* running(state: State): Generator<Running> {
  for (const run of state.runs.values()) {
    if (run.counts.active === 0) continue
    let index = -1
    for (const { current } of run.tasks) {
      index += 1
      if (current?.state !== 'RUNNING') continue
      yield { id: attemptId(run.id, run.plan.tasks[index]!.id, current.n), runner: run.runner }
    }
  }
}

/** The machine's load since the last call. */
export class MachineMeter {
  #before = cpuTimes()

  read(): MachineLoad {
    const now = cpuTimes()
    const total = now.total - this.#before.total
    const idle = now.idle - this.#before.idle
    const cores = cpus().length
    this.#before = total > 0 ? now : this.#before
    const coresBusy = total > 0 ? cores * Math.max(0, 1 - idle / total) : 0
    return { cores, coresBusy, memoryBytes: totalmem(), memoryUsedBytes: totalmem() - availableMemory() }
  }
}

function cpuTimes(): { readonly total: number; readonly idle: number } {
  let total = 0
  let idle = 0
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  return { total, idle }
}

/** What programs could still get: on Linux caches that can be dropped count as free. */
function availableMemory(): number {
  if (process.platform !== 'linux') return freemem()
  try {
    const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    return line === null ? freemem() : Number(line[1]) * 1_024
  } catch {
    return freemem()
  }
}
