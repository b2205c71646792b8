import { type Effect, openEffects } from '../../../main/domain/effects.ts'
import {
  type AttemptId,
  attemptId,
  parseAttemptId,
  projectId,
  type RunId,
  runId,
} from '../../../main/domain/ids.ts'
import { needsPerson } from '../../../main/domain/metrics.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import { stateToJson } from '../../../main/domain/serialise.ts'
import { Driver } from '../../../main/domain/testing/driver.ts'
import {
  checked,
  committed,
  cut,
  evaluatedGate,
  exited,
  merged,
  prepared,
  started,
} from '../../../main/domain/testing/steps.ts'
import { randomFrom } from '../../../main/domain/testing/world.ts'
// biome-ignore lint/style/noRestrictedImports: what plays the engine makes its history rows as the engine does
import { historyRows } from '../../../main/engine/history.ts'
import type {
  AmphitheatreBridge,
  MessageName,
  Messages,
  RequestName,
  Requests,
  RunRow,
  TaskRow,
} from '../../../preload/contract.ts'
import { RequestError } from '../bridge/requestError.ts'
import { Chat, checks } from './agentChat.ts'
import { PATCHES, playClashes } from './clashScript.ts'
import { CHECKS, folderAt, projectAt } from './deskAnswers.ts'
import { playIncidents, previewOf, toldBy } from './incidentScript.ts'
import { PageOutputs } from './pageOutputs.ts'
import { playReleases, seriesOf, sightOf, vitalsOf } from './releaseScript.ts'
import type { Scenario } from './scenarios.ts'
import { playTalk } from './talkScript.ts'

/** Who asks for what while at work. */
const ASKS = [
  ['update-docs', 'src/api/openapi.yaml'],
  ['compile-web', 'package.json'],
] as const
/** From one of the runs that are over to the next. */
const BETWEEN_MS = 3 * 3_600_000
/** How long agents have talked already. */
const TALK_MS = 40 * 60_000

/**
 * An engine inside the page, for looking at views without a host: the real rules on the page's own clock, with a
 * made-up world outside. Never part of the product's bundle.
 */
export class PageEngine implements AmphitheatreBridge {
  readonly driver = new Driver()
  readonly #scenario: Scenario
  readonly #random: () => number
  readonly #ends = new Map<string, number>()
  readonly #listeners = new Map<MessageName, Set<(message: never) => void>>()
  readonly #followers = new Map<number, number>()
  readonly #outputs: PageOutputs
  readonly #runRows = new Map<string, RunRow>()
  readonly #taskRows = new Map<string, Map<string, TaskRow>>()
  readonly #speed: number
  #runs = 0
  /** Null until the agents it needs are at work. */
  #chat: Chat | null = null
  /** Messages owed, in parts. */
  #owed = 0
  #at = performance.now()

  constructor(scenario: Scenario, options: { readonly seed?: number; readonly speed?: number } = {}) {
    this.#scenario = scenario
    this.#random = randomFrom(options.seed ?? 1)
    this.#outputs = new PageOutputs((name, message) => this.#post(name, message), randomFrom(7))
    this.#speed = options.speed ?? 1
    this.driver.observers.push((before, event, after) => {
      const { runRows, taskRows } = historyRows(before, after, [event])
      for (const row of runRows) this.#runRows.set(row.run, row)
      for (const row of taskRows) {
        const rows = this.#taskRows.get(row.run) ?? new Map<string, TaskRow>()
        this.#taskRows.set(row.run, rows.set(row.task, row))
      }
    })
    this.driver.now =
      Date.now() - (scenario.past?.runs ?? 0) * BETWEEN_MS - (scenario.talk === true ? TALK_MS : 0)
    this.driver.must({
      type: 'project.register',
      project: projectId('p'),
      root: '/home/ann/bookshelf',
      name: 'bookshelf',
    })
    this.#playPast()
    if (scenario.incidents === true) playIncidents(this.driver)
    if (scenario.releases === true) playReleases(this.driver)
    for (const plan of scenario.plans) this.#start(plan)
    setInterval(() => this.#tick(), 50)
  }

  #start(plan: Scenario['plans'][number]): RunId {
    this.#runs += 1
    const run = runId(`run${this.#runs}`)
    this.driver.must({ type: 'run.start', project: projectId('p'), run, runner: 'docker', plan })
    return run
  }

  /** Runs that are over: played like any other, hours apart. */
  #playPast(): void {
    const { past } = this.#scenario
    if (past === undefined) return
    const { driver } = this
    for (let n = 0; n < past.runs; n++) {
      const began = driver.now
      const id = this.#start(past.plans[n % past.plans.length]!)
      for (let steps = 0; steps < 4_000 && driver.run(id).endedAt === null; steps++) {
        this.#step(250)
        if (n % 11 === 7 && steps === 90) driver.send({ type: 'run.stop', run: id, force: false })
        if (!needsPerson(driver.run(id))) continue
        const asked = driver.run(id).attention.find((item) => item.choices.length > 0)!
        const choice = this.#random() < 0.5 ? asked.choices[0]! : asked.choices.at(-1)!
        driver.send({ type: 'attention.answer', run: id, id: asked.id, choice })
      }
      const type = n % 3 === 0 ? 'run.discard' : 'run.apply'
      if (driver.run(id).endedAt !== null && n % 5 !== 4) driver.send({ type, run: id })
      this.#step(1_000)
      this.#step(1_000)
      driver.advance(Math.max(0, began + BETWEEN_MS - driver.now))
    }
    driver.advance(Math.max(0, Date.now() - driver.now))
  }

  /** Does at once what would take `ms`. */
  skip(ms: number): void {
    for (let done = 0; done < ms; done += 50) this.#step(50)
    this.#publish()
  }

  #tick(): void {
    const now = performance.now()
    this.#step((now - this.#at) * this.#speed)
    this.#at = now
    this.#publish()
  }

  #step(ms: number): void {
    const { driver } = this
    driver.advance(ms)
    const busy = new Set<string>()
    for (const effect of openEffects(driver.state)) {
      const worker = `${effect.run}/${effect.task}`
      if (busy.has(worker) || this.#random() < 0.3) continue
      busy.add(worker)
      driver.send(this.#perform(effect))
    }
    for (const run of driver.state.runs.values()) {
      run.plan.tasks.forEach((spec, task) => {
        const { current } = run.tasks.get(task)!
        if (current?.state !== 'RUNNING' || current.paused) return
        const id = attemptId(run.id, spec.id, current.n)
        this.#outputs.grow(id, spec.run, ms, this.#scenario.flood)
        if (driver.now >= this.#endOf(id)) {
          driver.send(
            exited(
              { run: run.id, task, attempt: current.n },
              this.#random() < this.#scenario.fail ? 1 : 0,
              spec.action === undefined ? {} : { outputs: toldBy(spec.action.do) },
            ),
          )
        }
      })
    }
    if (this.#scenario.asks === true) this.#ask()
    if (this.#scenario.clashes === true) playClashes(this.driver)
    this.#talk(ms)
  }

  /** One that holds little asks for what another has, in no circle. */
  #ask(): void {
    const run = runId('run1')
    const { plan, tasks } = this.driver.run(run)
    const { byId } = planIndex(plan)
    for (const [name, on] of ASKS) {
      const task = byId.get(name as never)
      const current = task === undefined ? null : tasks.get(task)!.current
      if (task === undefined || current?.state !== 'RUNNING') continue
      const locks = [{ kind: 'files' as const, on, mode: 'exclusive' as const }]
      this.driver.send({ type: 'agent.lock', run, task, attempt: current.n, locks, wait: true })
    }
  }

  /** Begins once all agents of the first run's first phase are at work. */
  #talk(ms: number): void {
    const { talk, chatter = 0 } = this.#scenario
    const run = runId('run1')
    if ((talk !== true && chatter === 0) || this.#ends.size === 0) return
    if (this.#chat === null) {
      const { plan, tasks } = this.driver.run(run)
      const first = plan.tasks.flatMap(({ phase }, i) => (phase === 0 ? [tasks.get(i)!] : []))
      if (first.some(({ current }) => current?.state !== 'RUNNING')) return
      this.#chat = new Chat(this.driver, run, this.#random)
      if (talk === true) {
        playTalk(this.driver, run, this.#random)
        this.driver.advance(Math.max(0, Date.now() - this.driver.now))
      }
    }
    for (this.#owed += (ms / 1_000) * chatter; this.#owed >= 1; this.#owed--) this.#chat.babble()
  }

  #endOf(id: string): number {
    const known = this.#ends.get(id)
    if (known !== undefined) return known
    const [from, to] = this.#scenario.work
    const at = this.driver.now + from + this.#random() * (to - from)
    this.#ends.set(id, at)
    return at
  }

  #perform(effect: Effect): Parameters<Driver['send']>[0] {
    const { type, run, task, attempt } = effect
    if (task === null || attempt === null) {
      if (type === 'run.prepare') return prepared(run)
      if (type === 'run.discard') return { type: 'report.discarded', run }
      if (type === 'run.apply')
        return { type: 'report.applied', run, branch: 'main', commit: this.driver.run(run).tip! }
      if (type === 'gate.evaluate') return evaluatedGate(this.driver, effect)
      if (type === 'merge.check' || type === 'merge.advance') return checked(this.driver, run)
      return { type: 'report.effect-done', effect: type, run, task: 0, attempt: 0 }
    }
    const place = { run, task, attempt }
    switch (type) {
      case 'workspace.cut':
        return cut(place)
      case 'agent.start':
        return started(place)
      case 'agent.stop':
        return exited(place, 143)
      case 'work.commit':
        return committed(place, 'd'.repeat(40))
      case 'work.merge':
        return merged(place)
      case 'work.checkpoint':
        return { type: 'report.checkpointed', ...place, commit: null, error: null }
      case 'handoff.validate': {
        const { handoffs } = this.driver.run(run).talk
        const handoff = handoffs.findLast((one) => one.from === task && one.state === 'initiated')
        return { type: 'report.validated', ...place, handoff: handoff?.id ?? '', checks: checks(false) }
      }
      default:
        return { type: 'report.effect-done', effect: type, ...place }
    }
  }

  #publish(): void {
    for (const [stream, from] of this.#followers) {
      const events = this.driver.log.slice(from)
      if (events.length === 0) continue
      this.#followers.set(stream, this.driver.log.length)
      this.#post('events', { stream, events })
    }
    this.#outputs.publish((id) => {
      const { run, task, attempt } = parseAttemptId(id as AttemptId)!
      const index = planIndex(this.driver.run(run).plan).byId.get(task)!
      return this.driver.run(run).tasks.get(index)!.current?.n !== attempt
    })
  }

  #post<K extends MessageName>(name: K, message: Messages[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(message as never)
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(listener as (message: never) => void))
    if (name === 'connection') listener({ status: 'connected', enginePid: 4711 } as Messages[K])
    return () => all.delete(listener as (message: never) => void)
  }

  async request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']> {
    return this.#answer(name, args as never) as Requests[K]['result']
  }

  #answer(name: RequestName, args: Record<string, never>): unknown {
    const { driver } = this
    switch (name) {
      case 'host':
        return {
          host: 'browser',
          version: '0.1.0',
          platform: 'linux',
          dataDir: '/home/ann/.local/share/amphitheatre',
          home: '/home/ann',
          person: 'ann',
          open: null,
        }
      case 'snapshot':
        return stateToJson(driver.state)
      case 'dispatch': {
        const rejection = driver.send(args['command'] as never)
        this.#publish()
        return rejection === undefined ? { ok: true, seq: driver.state.seq } : { ok: false, ...rejection }
      }
      case 'history': {
        const { after, limit, run } = args as unknown as Requests['history']['args']
        const later = driver.log.slice(after)
        return (run === undefined ? later : later.filter((event) => event.run === run)).slice(0, limit)
      }
      case 'runs':
        return [...this.#runRows.values()]
          .reverse()
          .slice(0, (args['limit'] as number | undefined) ?? undefined)
      case 'usage':
        return [...this.#ends.keys()].map((attempt, i) => ({
          attempt,
          cores: ((i * 37) % 100) / 100,
          memoryBytes: 40e6 + ((i * 53) % 200) * 1e6,
        }))
      case 'commitsBetween':
        return null
      case 'rollbackPreview':
        return previewOf(driver, args as unknown as Requests['rollbackPreview']['args'])
      case 'targetSight':
        return sightOf(driver, args as unknown as Requests['targetSight']['args'])
      case 'series':
        return seriesOf(driver, args as unknown as Requests['series']['args'])
      case 'vitals':
        if (this.#scenario.releases === true) return vitalsOf(driver)
        return {
          at: null,
          projects: [],
          agents: [],
          host: { memoryUsed: null, load: null, diskFreeBytes: null, reachable: {} },
        }
      case 'health':
        return {
          version: '0.1.0',
          pid: 4711,
          dataDir: '/home/ann/.local/share/amphitheatre',
          engine: { status: 'running' },
          runners: {
            docker: { status: 'ready', version: '28.2' },
            process: { status: 'ready', version: 'not isolated' },
          },
          diskFreeBytes: 61e9,
          notes: [],
          machine: { cores: 8, coresBusy: 5.7, memoryBytes: 24e9, memoryUsedBytes: 9.2e9 },
        }
      case 'follow':
        this.#followers.set(args['stream']!, args['from']!)
        return null
      case 'output':
        this.#outputs.open(args as unknown as Requests['output']['args'])
        return null
      case 'close':
        this.#followers.delete(args['stream']!)
        this.#outputs.close(args['stream']!)
        return null
      case 'input':
        this.#outputs.type(args['attempt']!, args['data']!)
        return null
      case 'diff':
        return 'diff --git a/README.md b/README.md\nindex 1..2 100644\n--- a/README.md\n+++ b/README.md\n@@ -1,2 +1,3 @@\n # Bookshelf\n-old line\n+new line\n+another\n'
      case 'patch':
        return PATCHES[args['hash'] ?? ''] ?? null
      case 'checks':
        return CHECKS
      case 'browse':
        return folderAt(args['path'] ?? null)
      case 'project':
      case 'init':
        return projectAt(args['path']!)
      case 'start':
        return { ok: true, run: this.#start(this.#scenario.plans[0]!) }
      case 'tasks':
        return [...(this.#taskRows.get(args['run']!)?.values() ?? [])]
      case 'ack':
        this.#outputs.ack(args['stream']!, args['weight']!)
        return null
      case 'resize':
        return null
      default:
        throw new RequestError({ name: 'NotHere', message: `the page’s own engine has no ${name}` })
    }
  }
}
