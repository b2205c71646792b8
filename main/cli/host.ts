import type { LocalClient } from '../api/localClient.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'

/** What the command line needs of the program's other half, so that tests can give it another. */
export interface Engines {
  /** The engine that hosts the data folder already, if one does. */
  connect(dataDir: string): Promise<LocalClient | undefined>
  openHost(options: HostOptions): Promise<HostResult>
  /** The store alone: what was, without anything being done about it. */
  openPassive(options: { readonly dataDir: string }): Promise<ControlCenter>
  /** Lets other processes in. */
  serve(center: ControlCenter, dataDir: string): Promise<{ close(): Promise<void> }>
}

export interface HostOptions {
  readonly dataDir: string
  readonly log?: (line: string) => void
}

export type HostResult =
  | { readonly ok: true; readonly host: Host }
  | { readonly ok: false; readonly reason: 'busy'; readonly holder?: { readonly pid: number } }

/** The engine in this process. */
export interface Host {
  readonly center: ControlCenter
  readonly dataDir: string
  runnerHealth(kind: string): Promise<RunnerHealth>
  /** Makes sure the agents' image is there; builds it if not. */
  ensureImage(onProgress: (line: string) => void): Promise<void>
  /** Resolves when no run is under way. */
  idle(): Promise<void>
  /** Agents go on in their containers, to be adopted later, unless `stopAgents`. */
  close(options?: { readonly stopAgents?: boolean }): Promise<void>
}

/** The real ones. What they need is loaded when they are called: `amphi --help` must not wait for Docker's client. */
export const ENGINES: Engines = {
  connect: async (dataDir) => (await import('../api/localClient.ts')).connectLocal(dataDir),
  serve: async (center, dataDir) => (await import('../api/localServer.ts')).serveLocal(center, dataDir),
  openHost: async (options) => (await import('../headless.ts')).openHost(options),
  openPassive: async (options) => (await import('../headless.ts')).openPassive(options),
}
