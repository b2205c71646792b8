import { describe, expect, test } from 'vitest'
import type { Command } from '../domain/commands.ts'
import type { ProjectId } from '../domain/ids.ts'
import { Driver, PROJECT, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { finish, prepared, start } from '../domain/testing/steps.ts'
import type { Engine } from './engine.ts'
import type { Foresight, LookRequest, Outlook } from './ports/foresight.ts'
import { Predictor } from './predictor.ts'
import { MOST_WORKS, sightings } from './sightings.ts'

/** Time that goes when the test says so. */
class Clock {
  time = 0
  #timers: { at: number; run: () => void }[] = []

  now = (): number => this.time
  immediate = (run: () => void): void => void this.after(0, run)
  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.time + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Fires what is due until then, each followed by what it sets off. */
  async go(ms: number): Promise<void> {
    const until = this.time + ms
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.time = until
  }
}

const NONE: Outlook = {
  conflicts: [],
  unknown: [],
  unread: [],
  cost: { pairs: 1, known: 1, apart: 0, merged: 0, ms: 0 },
}
const CLASH: Outlook = { ...NONE, conflicts: [{ pair: [0, 1], files: ['src/x.ts'] }] }

interface Stage {
  readonly driver: Driver
  readonly clock: Clock
  readonly predictor: Predictor
  readonly looks: { readonly at: number; readonly request: LookRequest }[]
  readonly reports: Command[]
  readonly forgotten: ProjectId[]
  readonly logged: string[]
  /** What the next looks see. */
  next: () => Promise<Outlook>
}

/** Agents of these names at work in a project that is looked at. */
function stage(names: readonly string[] = ['a', 'b']): Stage {
  const plan = tasks(names, {
    all: { workspace: 'repo', writes: ['**'] },
    limits: { maxConcurrentAgents: 1_000 },
  })
  const driver = Driver.running({ ...plan, tasks: plan.tasks.map(({ uses: _, ...task }) => task) })
  const clock = new Clock()
  const made: Partial<Stage> & Pick<Stage, 'looks' | 'reports' | 'forgotten' | 'logged'> = {
    looks: [],
    reports: [],
    forgotten: [],
    logged: [],
  }
  const foresight: Foresight = {
    look: (request) => {
      made.looks.push({ at: clock.time, request })
      return made.next!()
    },
    evidence: async () => ({ hash: 'f'.repeat(64), bytes: 3 }),
    forget: async (project) => void made.forgotten.push(project),
  }
  const engine = {
    get state() {
      return driver.state
    },
    report: async (command: Command) => {
      made.reports.push(command)
      driver.must(command)
    },
  } as unknown as Engine
  const log = (line: string): void => void made.logged.push(line)
  const predictor = new Predictor({ engine, scheduling: clock, log }, foresight)
  driver.observers.push((_, event) => predictor.published([event]))
  const whole = Object.assign(made, { driver, clock, predictor, next: async () => NONE }) as Stage
  driver.must(prepared())
  for (const name of names) start(driver, name)
  return whole
}

describe('looking', () => {
  test('begins soon after agents have started, reads both, and says what it sees once', async () => {
    const on = stage()
    on.next = async () => CLASH
    await on.clock.go(999)
    expect(on.looks).toEqual([])
    await on.clock.go(1)
    expect(on.looks[0]!.request).toMatchObject({
      project: PROJECT,
      works: [
        { kind: 'live', id: `${RUN}/a#1`, writes: ['**'], touched: true },
        { kind: 'live', id: `${RUN}/b#1` },
      ],
      pairs: [[0, 1]],
    })
    await on.clock.go(30_000)
    expect(on.looks.length).toBeGreaterThan(2)
    expect(on.reports).toEqual([
      {
        type: 'report.predicted',
        project: PROJECT,
        foreseen: [
          {
            parties: [`${RUN}/a#1`, `${RUN}/b#1`],
            files: ['src/x.ts'],
            patches: ['a', 'b'].map((name) => ({
              holder: `${RUN}/${name}#1`,
              hash: 'f'.repeat(64),
              bytes: 3,
            })),
          },
        ],
        unknown: [],
      },
    ])
    on.next = async () => NONE
    await on.clock.go(20_000)
    expect(on.driver.state.projects.get(PROJECT)!.conflicts[0]!.resolution).toBeNull()
    await on.clock.go(60_000)
    expect(on.driver.state.projects.get(PROJECT)!.conflicts[0]!.resolution?.by).toBe('engine')
  })

  test('tells both sides once of what comes and goes, until it has stayed away', async () => {
    const on = stage()
    let look = 0
    on.next = async () => (look++ % 3 === 0 ? CLASH : NONE)
    const told = () => on.driver.events('message.sent').length
    await on.clock.go(300_000)
    expect(look).toBeGreaterThan(20)
    expect([told(), on.driver.events('conflict.raised').length]).toEqual([2, 1])
    on.next = async () => NONE
    await on.clock.go(60_000)
    expect(on.driver.events('conflict.resolved')).toHaveLength(1)
    on.next = async () => CLASH
    await on.clock.go(120_000)
    expect([told(), on.driver.events('conflict.raised').length]).toEqual([4, 2])
  })

  test('becomes rarer while nothing changes, down to once a minute, and is prompt again after a merge', async () => {
    const on = stage(['a', 'b', 'c'])
    await on.clock.go(600_000)
    const gaps = on.looks.slice(1).map(({ at }, i) => at - on.looks[i]!.at)
    expect(gaps.slice(0, 5)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
    const before = on.looks.length
    finish(on.driver, 'a')
    await on.clock.go(1_000)
    expect(on.looks).toHaveLength(before + 1)
    expect(on.looks.at(-1)!.request.works.at(-1)).toEqual({
      kind: 'fixed',
      id: `${RUN}/`,
      commit: 'e'.repeat(40),
    })
    expect(on.looks.at(-1)!.request.pairs).toEqual([
      [0, 2],
      [1, 2],
      [0, 1],
    ])
  })

  test('takes at most a tenth of the time, however much there is to do', async () => {
    const on = stage()
    on.next = async () => {
      on.clock.time += 4_000
      return { ...NONE, cost: { ...NONE.cost, known: 0, merged: 1 } }
    }
    await on.clock.go(200_000)
    const gaps = on.looks.slice(1).map(({ at }, i) => at - on.looks[i]!.at)
    expect(new Set(gaps)).toEqual(new Set([40_000]))
  })

  test('ends with the last agent, and gives back what it took', async () => {
    const on = stage()
    await on.clock.go(2_000)
    finish(on.driver, 'a', 'b')
    await on.clock.go(120_000)
    expect(on.forgotten).toEqual([PROJECT])
    const before = on.looks.length
    await on.clock.go(600_000)
    expect(on.looks).toHaveLength(before)
  })

  test('goes on after a failure, which is told', async () => {
    const on = stage()
    on.next = () => Promise.reject(new Error('the disk is full'))
    await on.clock.go(40_000)
    expect(on.predictor.trouble()).toBe('Conflicts are not foreseen just now: the disk is full')
    expect(on.logged).toHaveLength(1)
    on.next = async () => CLASH
    await on.clock.go(60_000)
    expect(on.predictor.trouble()).toBeNull()
    expect(on.reports).toHaveLength(1)
  })

  test('says that work cannot be read when that lasts, not for a moment', async () => {
    const on = stage()
    let unreadable = 1
    on.next = async () =>
      unreadable-- > 0 ? { ...NONE, unread: [{ id: `${RUN}/a#1`, why: 'reading it failed' }] } : NONE
    await on.clock.go(1_500)
    expect([on.looks.length, on.predictor.trouble()]).toEqual([1, null])
    unreadable = 100
    await on.clock.go(180_000)
    expect(on.predictor.trouble()).toBe('Conflicts are not foreseen just now: reading it failed')
  })

  test('after a restart finds agents that ran on, and closes what is gone', async () => {
    const on = stage()
    on.next = async () => CLASH
    await on.clock.go(2_000)
    on.predictor.close()
    await on.clock.go(100_000)
    expect(on.looks).toHaveLength(1)
    const again = stage()
    again.driver.state = on.driver.state
    again.predictor.recover(again.driver.state)
    await again.clock.go(60_000)
    expect(again.reports.at(-1)).toMatchObject({ type: 'report.predicted', foreseen: [], unknown: [] })
    expect(again.driver.state.projects.get(PROJECT)!.conflicts[0]!.resolution).not.toBeNull()
  })
})

describe('what is looked at', () => {
  test('nobody is, where the project wants nothing foreseen', () => {
    const on = stage()
    const run = on.driver.run()
    const quiet = { ...run, plan: { ...run.plan, prediction: { action: 'none' as const } } }
    expect(sightings({ ...on.driver.state, runs: new Map([[RUN, quiet]]) }, PROJECT).works).toEqual([])
  })

  test('at most so many at once; of the others nothing is said', async () => {
    const names = Array.from({ length: MOST_WORKS + 2 }, (_, n) => `t${n}`)
    const on = stage(names)
    const seen = sightings(on.driver.state, PROJECT)
    expect([seen.works.length, seen.pairs.length, seen.left]).toEqual([64, (64 * 63) / 2, 2])
    const far = [`${RUN}/t64#1`, `${RUN}/t65#1`]
    on.driver.must({
      type: 'report.predicted',
      project: PROJECT,
      foreseen: [{ parties: far, files: ['x'], patches: [] }],
      unknown: [],
    })
    await on.clock.go(1_000)
    expect(on.reports).toMatchObject([{ foreseen: [], unknown: [far] }])
    expect(on.predictor.trouble()).toContain('only 64 agents')
    expect(on.driver.state.projects.get(PROJECT)!.conflicts[0]!.resolution).toBeNull()
  })
})
