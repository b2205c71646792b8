import { setTimeout as delay } from 'node:timers/promises'
import type { ControlCenter } from '../engine/controlCenter.ts'
import type { Context } from './context.ts'
import { CliError } from './errors.ts'
import type { Host } from './host.ts'

/** An engine to talk to, wherever it runs. */
export interface Session {
  readonly center: ControlCenter
  /** Set when the engine runs in this process. */
  readonly host: Host | undefined
  /** The engine's process. */
  readonly pid: number
  /** As a client: hangs up. As a host: ends the engine and leaves its agents at work. */
  close(): Promise<void>
}

/** A process may be starting up or shutting down: how long the same one is waited for, and how often looked at, ms. */
const BUSY_MS = 10_000
const BUSY_WAIT_MS = 100

/**
 * The running engine of the data folder, or this process becomes it. While another process holds the folder without
 * answering (it is starting, or ending) this waits a few seconds, then throws CliError.
 */
export async function openEngine(context: Context): Promise<Session> {
  const { engines, dataDir } = context
  let holder: number | undefined
  for (let until = performance.now() + BUSY_MS; ; ) {
    const client = await lookFor(context)
    if (client !== undefined) return client
    const opened = await engines.openHost({ dataDir, log: (line) => logLine(context, line) })
    if (opened.ok) return serveHost(context, opened.host)
    const pid = opened.holder?.pid
    // Many short commands at once take turns at hosting; each has its own time.
    if (pid !== undefined && pid !== holder) [holder, until] = [pid, performance.now() + BUSY_MS]
    if (performance.now() > until) throw busy(dataDir, pid)
    await delay(BUSY_WAIT_MS)
  }
}

export async function connect(context: Context): Promise<Session | undefined> {
  const client = await context.engines.connect(context.dataDir)
  if (client === undefined) return undefined
  return { center: client, host: undefined, pid: client.pid, close: async () => client.close() }
}

/** An engine that is just ending is none: whoever holds the folder next is. */
async function lookFor(context: Context): Promise<Session | undefined> {
  try {
    return await connect(context)
  } catch (error) {
    if (!isEngineGone(error) || (error as { isStranger?: boolean }).isStranger === true) throw error
    return undefined
  }
}

/** For looking only: the running engine, else what is on disk. */
export async function openReader(context: Context): Promise<Session & { readonly running: boolean }> {
  const client = await lookFor(context)
  if (client !== undefined) return { ...client, running: true }
  const center = await context.engines.openPassive({ dataDir: context.dataDir })
  return { center, host: undefined, pid: process.pid, running: false, close: async () => {} }
}

async function serveHost(context: Context, host: Host): Promise<Session> {
  const server = await context.engines.serve(host.center, context.dataDir).catch((error: unknown) => {
    // Work goes on without clients: the run is what was asked for.
    context.out.note(`amphi: other commands cannot reach this engine: ${String((error as Error).message)}`)
    return undefined
  })
  return {
    center: host.center,
    host,
    pid: process.pid,
    close: async () => {
      await server?.close()
      await host.close()
    },
  }
}

function logLine(context: Context, line: string): void {
  if (context.env.AMPHITHEATRE_DEBUG === '1') context.out.note(line)
}

function busy(dataDir: string, pid: number | undefined): CliError {
  const who = pid === undefined ? 'Another process' : `Process ${pid}`
  return new CliError(
    `${who} holds ${dataDir} but does not answer.`,
    'Wait for it or end it; or choose another folder with --data.',
  )
}

/** The engine this process was a client of has ended. */
export function isEngineGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'EngineGoneError'
}
