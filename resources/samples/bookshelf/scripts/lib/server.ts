import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string
}

export interface ServerOptions {
  /** The folder that holds `api` and `web`: `dist`, or a release. */
  readonly build: string
  /** The file to work on; give a copy where the data must stay as they are. */
  readonly database: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a built server on a free port and waits until it listens; it stops at the end of the block. */
export async function startServer({ build, database, env = {} }: ServerOptions): Promise<RunningServer> {
  const child = spawn(process.execPath, [join(build, 'api', 'main.js')], {
    env: { ...process.env, PORT: '0', DATABASE: database, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening on (\S+)/.exec(line)?.[1]
    if (url !== undefined) return { url, [Symbol.asyncDispose]: stop }
  }
  const [code] = await exited
  throw new Error(`the server in ${build} ended with code ${code} before it listened`)
}
