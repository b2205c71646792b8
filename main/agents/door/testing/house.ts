import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientCommandSchema } from '../../../domain/commands.ts'
import { type AttemptId, attemptId, commandId, projectId, runId } from '../../../domain/ids.ts'
import type { Plan } from '../../../domain/plan.ts'
import type { Run } from '../../../domain/state.ts'
import type { AgentExit, AgentSpec, Runner } from '../../../engine/ports/runner.ts'
import type { Store } from '../../../engine/ports/store.ts'
import type { Workspaces } from '../../../engine/ports/workspaces.ts'
import { realScheduling } from '../../../engine/scheduling.ts'
import { type RunningEngine, startEngine } from '../../../engine/startEngine.ts'
import { memoryDisk, openMemoryStore } from '../../../store/memoryStore.ts'
import { createArtifactStore } from '../../../workspaces/artifacts.ts'
import { put } from '../../../workspaces/publish.ts'
import { createDoors, type DoorsOptions } from '../createDoors.ts'
import { type Said, say } from './say.ts'

/** An engine with agents that are nothing but their doors: real sockets, real log, no processes. */

export const PROJECT = projectId('p')
export const RUN = runId('run1')

export interface HouseOptions {
  readonly plan: Plan
  readonly doors?: Partial<DoorsOptions>
  readonly wrapStore?: (store: Store) => Store
}

export interface CallOptions {
  /** Null sends none; by default a new one. */
  readonly id?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export class House {
  readonly root = mkdtempSync(join(tmpdir(), 'amphi-door-'))
  readonly base = join(this.root, 'd')
  readonly specs = new Map<AttemptId, AgentSpec>()
  readonly logged: string[] = []
  readonly #options: HouseOptions
  readonly #disk = memoryDisk()
  readonly #exits = new Map<AttemptId, (exit: AgentExit) => void>()
  #engine!: RunningEngine
  #lives = 0

  constructor(options: HouseOptions) {
    this.#options = options
  }

  static async open(options: HouseOptions): Promise<House> {
    const house = new House(options)
    await house.begin()
    return house
  }

  /** The first life: a run whose agents are all at work. */
  async begin(): Promise<void> {
    await this.start()
    await this.tell({ type: 'project.register', project: PROJECT, root: '/p', name: 'p' })
    const { plan } = this.#options
    await this.tell({ type: 'run.start', project: PROJECT, run: RUN, runner: 'simulated', plan })
    await this.engine.whenState((state) => {
      const run = state.runs.get(RUN)
      return run !== undefined && [...run.tasks].every((task) => task.current?.state === 'RUNNING')
    })
  }

  get engine(): RunningEngine {
    return this.#engine
  }

  get run(): Run {
    return this.#engine.state.runs.get(RUN)!
  }

  async start(): Promise<void> {
    const memory = openMemoryStore(this.#disk)
    const { doors, wrapStore = (store: Store) => store } = this.#options
    const workspaces = this.#workspaces()
    this.#engine = await startEngine({
      store: wrapStore(memory),
      scheduling: realScheduling({ now: Date.now }),
      runners: new Map([['simulated', this.#runner()]]),
      workspaces,
      files: {
        prepareExchange: async (_, attempt) => this.exchange(attempt),
        wasStarted: async () => true,
        wasStartedAgain: async () => false,
        readOutputs: async () => ({ ok: true, outputs: {} }),
        removeExchange: async () => undefined,
        output: () => ({
          size: async () => 0,
          append: async () => undefined,
          read: async () => ({ offset: 0, data: new Uint8Array(0) }),
          changed: async () => undefined,
          close: async () => undefined,
        }),
      },
      doors: createDoors({
        install: 'test',
        dataDir: this.root,
        uid: process.getuid?.() ?? 0,
        gid: process.getgid?.() ?? 0,
        base: this.base,
        workspaces,
        log: (line) => void this.logged.push(line),
        ...doors,
      }),
      wall: Date.now,
      freeBytes: async () => null,
      log: (line) => void this.logged.push(line),
      onSample: () => undefined,
      boot: 'b',
      pid: 1,
      version: '0',
      idPrefix: `e${this.#lives++}`,
    })
    await this.#engine.recovered
    await this.#settled()
  }

  /** The engine goes; agents stay. */
  async stop(): Promise<void> {
    await this.#engine.close()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.root, { recursive: true, force: true })
  }

  tell(command: Parameters<RunningEngine['dispatch']>[0]): ReturnType<RunningEngine['dispatch']> {
    return this.#engine.dispatch(command, 'person:ann', commandId(randomUUID()))
  }

  /** The agent's process ends. */
  end(task: string, code = 0): void {
    const exit = { code, oomKilled: false, finishedAt: Date.now(), error: null }
    this.#exits.get(attemptId(RUN, task as never, 1))?.(exit)
  }

  exchange(attempt: AttemptId): string {
    const folder = join(this.root, 'x', attempt.replaceAll('/', '_'))
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Where the agent's clone is; put files there for it to publish. */
  work(task: string): string {
    const folder = join(this.root, 'w', task)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  spec(task: string): AgentSpec {
    return this.specs.get(attemptId(RUN, task as never, 1))!
  }

  socket(task: string): string {
    return this.spec(task).door!.env['AMPHITHEATRE_DOOR']!
  }

  /** Somebody starts an agent by hand on a file that others hold; gives the name of the conflict. */
  async claimByHand(file: string): Promise<string> {
    const files = [file]
    await this.tell(
      clientCommandSchema.parse({
        type: 'registered.add',
        project: PROJECT,
        name: file,
        files,
        folder: '/w',
      }),
    )
    return this.engine.state.projects.get(PROJECT)!.conflicts.at(-1)!.id
  }

  /** `POST /v1/<verb>` through the task's own door. */
  call(task: string, verb: string, args: unknown = {}, options: CallOptions = {}): Promise<Said> {
    const id = options.id === undefined ? randomUUID() : options.id
    const { headers: way, ...where } = this.#way(task)
    const headers = { ...way, ...(id === null ? {} : { 'request-id': id }), ...options.headers }
    return say({ ...where, path: `/v1/${verb}`, headers }, JSON.stringify(args))
  }

  #way(task: string): { socketPath: string; headers: object } | { port: number; headers: object } {
    const door = this.socket(task)
    if (!door.startsWith('http')) return { socketPath: door, headers: {} }
    const { folder } = this.spec(task).door!
    const port = Number(new URL(readFileSync(join(folder, 'address'), 'utf8')).port)
    const token = readFileSync(join(folder, 'token'), 'utf8')
    return { port, headers: { authorization: `Bearer ${token}` } }
  }

  async #settled(): Promise<void> {
    // Doors of agents that ran on open in the background.
    for (const [attempt] of this.specs) {
      const task = /\/(.+)#/.exec(attempt)![1]!
      for (;;) {
        const said = await this.call(task, 'checklist').catch(() => undefined)
        if (said?.status === 200 || said?.status === 429 || !this.#exits.has(attempt)) break
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  #runner(): Runner {
    const observe = (attempt: AttemptId) => ({
      attempt,
      handle: 'h',
      status: 'running' as const,
      startedAt: 1,
      exit: null,
    })
    return {
      kind: 'simulated',
      isolated: false,
      check: async () => ({ status: 'ready', version: '1' }),
      prepareRun: async () => undefined,
      releaseRun: async () => undefined,
      resolveImage: async () => 'image',
      start: async (spec) => {
        this.specs.set(spec.attempt, spec)
        return observe(spec.attempt)
      },
      list: async () => [...this.specs.keys()].map(observe),
      find: async (attempt) => (this.specs.has(attempt) ? observe(attempt) : undefined),
      wait: (attempt) => new Promise((resolve) => void this.#exits.set(attempt, resolve)),
      stop: async () => undefined,
      pause: async () => undefined,
      resume: async () => undefined,
      remove: async (attempt) => {
        this.specs.delete(attempt)
        this.#exits.delete(attempt)
      },
      output: async function* () {},
      input: async () => undefined,
      resize: async () => undefined,
      exec: async () => ({ code: 0, output: '' }),
      usage: async () => undefined,
      onReconnect: () => () => undefined,
      close: async () => undefined,
    }
  }

  #workspaces(): Workspaces {
    const store = createArtifactStore(join(this.root, 'artifacts'))
    const commit = 'c'.repeat(40) as never
    return {
      prepareRun: async () => ({ base: commit, branch: 'main', tip: commit, warnings: [] }),
      readFiles: async () => ({ files: [], more: 0 }),
      cut: async () => ({ status: 'cut', commit, path: '/w', readOnlyMounts: [] }),
      commit: async () => ({
        commit: null,
        changed: 0,
        undeclared: [],
        patch: null,
        refused: [],
        artifacts: null,
      }),
      checkpoint: async () => commit,
      watch: async () => ({ again: () => undefined, close: () => undefined }),
      setAside: async () => ({ commit: null, patch: null, paths: [], left: [] }),
      putBack: async () => undefined,
      missing: async () => [],
      publish: async (_, attempt, path, maxBytes) => {
        const task = /\/(.+)#/.exec(attempt)![1]!
        return put(store, pieces(readFileSync(join(this.work(task), path))), maxBytes)
      },
      putArtifact: async (_, data, maxBytes) => put(store, data, maxBytes),
      fileHistory: async () => [],
      handHistory: async () => [],
      artifactPath: async (_, hash) => store.find(hash),
      merge: async () => ({ status: 'merged', tip: commit }),
      stack: async () => ({ status: 'stacked', from: commit, to: commit }),
      advance: async () => undefined,
      remove: async () => undefined,
      apply: async () => ({ status: 'already', branch: 'main', commit }),
      discard: async () => undefined,
      diff: async () => '',
      list: async () => [],
    } satisfies Workspaces
  }
}

async function* pieces(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data
}
