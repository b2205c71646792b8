import { setTimeout as delay } from 'node:timers/promises'
import { EngineGoneError, type LocalClient } from './api/localClient.ts'
import { clientEngine } from './api/pages/clientEngine.ts'
import { type Engine, type EngineLink, keepEngine, type LinkStatus } from './api/pages/engineLink.ts'
import type { ControlCenter } from './engine/controlCenter.ts'

/** As much of a host as is needed here. */
export interface HostedEngine {
  readonly center: ControlCenter
  /** Agents run on and are adopted later, unless `stopAgents`. */
  close(options?: { readonly stopAgents?: boolean }): Promise<void>
}

/** The ways to an engine. */
export interface EngineWays {
  connect(dataDir: string): Promise<LocalClient | undefined>
  openHost(options: {
    readonly dataDir: string
    readonly log?: (line: string) => void
  }): Promise<
    | { readonly ok: true; readonly host: HostedEngine }
    | { readonly ok: false; readonly holder?: { readonly pid: number } }
  >
  /** Lets other processes in. */
  serve(center: ControlCenter, dataDir: string): Promise<{ close(): Promise<void> }>
}

export interface HostingOptions {
  readonly dataDir: string
  readonly ways: EngineWays
  /** Hosts the engine where nobody else does; otherwise only looks for one. */
  readonly host: boolean
  readonly log: (line: string) => void
}

export interface Hosting extends EngineLink {
  /** Set while the engine is in this process. */
  readonly host: HostedEngine | undefined
  /** As a host: ends the engine; its agents run on and are adopted by the next, unless `stopAgents`. */
  close(options?: { readonly stopAgents?: boolean }): Promise<void>
}

/** Another process may be starting up or shutting down: how long and how often to look again, ms. */
const BUSY_MS = 5_000
const BUSY_WAIT_MS = 250

/** There is no engine to be had now. */
class NoEngineError extends Error {
  override readonly name = 'NoEngineError'
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/**
 * A connection to the engine of a data folder that outlives the engine: the first process to lock the folder hosts,
 * all others are its clients, and when it goes one of them takes over. Throws what stands in the way at the start
 * (a database that cannot be opened, a folder that is held but does not answer); later such things are told as `lost`.
 */
export async function openEngineLink(options: HostingOptions): Promise<Hosting> {
  const keeper = new HostKeeper(options)
  let first: Engine | undefined = await keeper.openFirst()
  const link = await keepEngine(async () => {
    const engine = first ?? (await keeper.open())
    first = undefined
    return engine
  })
  return {
    get status(): LinkStatus {
      return link.status
    },
    onChange: (listener) => link.onChange(listener),
    get host() {
      return keeper.host
    },
    async close(end = {}) {
      keeper.stopAgents = end.stopAgents === true
      await link.close()
    },
  }
}

class HostKeeper {
  readonly #options: HostingOptions
  host: HostedEngine | undefined
  /** What happens to agents when the engine is closed. */
  stopAgents = false

  constructor(options: HostingOptions) {
    this.#options = options
  }

  /** Waits a few seconds for a process that is just starting or ending. */
  async openFirst(): Promise<Engine | undefined> {
    if (!this.#options.host) return undefined
    for (const until = performance.now() + BUSY_MS; ; ) {
      try {
        return await this.open()
      } catch (error) {
        if (!(error instanceof NoEngineError) || performance.now() > until) throw error
        await delay(BUSY_WAIT_MS)
      }
    }
  }

  async open(): Promise<Engine> {
    const { dataDir, ways, host, log } = this.#options
    const found = await ways.connect(dataDir).catch((error: unknown) => {
      if (error instanceof EngineGoneError) return error
      throw error
    })
    if (found !== undefined && !(found instanceof EngineGoneError)) return clientEngine(found)
    if (!host)
      throw found ?? new NoEngineError('No engine is running.', 'Start one: `amphi serve` or `amphi run`.')
    // Whoever does not answer may be dead by now. The lock tells, and keeps two from writing whatever happens.
    const opened = await ways.openHost({ dataDir, log })
    if (opened.ok) return this.#hosted(opened.host)
    const who = opened.holder === undefined ? 'Another process' : `Process ${opened.holder.pid}`
    const why = found === undefined ? ' but does not answer.' : `. ${found.message}`
    throw new NoEngineError(
      `${who} holds ${dataDir}${why}`,
      'Wait for it or end it; or choose another folder with --data.',
    )
  }

  async #hosted(host: HostedEngine): Promise<Engine> {
    const { dataDir, ways, log } = this.#options
    const server = await ways.serve(host.center, dataDir).catch((error: unknown) => {
      // Work goes on without clients.
      log(
        `Other commands cannot reach this engine: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    })
    this.host = host
    let over: () => void
    const gone = new Promise<void>((resolve) => {
      over = resolve
    })
    return {
      center: host.center,
      pid: process.pid,
      gone,
      close: async () => {
        // Agents that are to end are ended before the door is shut: who watches sees it.
        if (!this.stopAgents) await server?.close()
        await host.close({ stopAgents: this.stopAgents })
        await server?.close()
        this.host = undefined
        over()
      },
    }
  }
}
