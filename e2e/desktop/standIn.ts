import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { StandInCalls } from './fake/program.ts'

/** The built program in a process of its own, with a stand-in for Electron. */
export interface StandIn {
  readonly pid: number
  /** Does what a person or the system would; see `fake/program.ts`. */
  call<N extends keyof StandInCalls>(
    name: N,
    ...args: Parameters<StandInCalls[N]>
  ): Promise<Awaited<ReturnType<StandInCalls[N]>>>
  /** Asks again until `check` holds; rejects with what it saw last after 20 s. */
  until<N extends keyof StandInCalls>(
    name: N,
    args: Parameters<StandInCalls[N]>,
    check: (result: Awaited<ReturnType<StandInCalls[N]>>) => boolean,
  ): Promise<Awaited<ReturnType<StandInCalls[N]>>>
  /** Resolves to the exit code: 71 if there was a call the stand-in does not know. */
  readonly ended: Promise<number>
  /** What it printed. */
  output(): string
  kill(): Promise<void>
}

export interface StandInOptions {
  readonly dataDir: string
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../..')
export const BUNDLE = join(ROOT, 'out/main/index.js')
const WAIT_MS = 20_000

/** Throws when the program is not built. */
export function startStandIn({ dataDir, words = [], env = {} }: StandInOptions): StandIn {
  if (!existsSync(BUNDLE)) throw new Error('There is no out/main/index.js: run `npm run build` first.')
  const child = fork(join(import.meta.dirname, 'fake/program.ts'), [BUNDLE, ...words], {
    env: { ...process.env, ...env, AMPHITHEATRE_DATA: dataDir },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    silent: true,
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const calls = new Calls(child, () => output)
  const ended = once(child, 'exit').then(([code]) => (code as number | null) ?? -1)
  return {
    pid: child.pid!,
    ended,
    output: () => output,
    call: (name, ...args) => calls.call(name, args) as never,
    async until(name, args, check) {
      const deadline = performance.now() + WAIT_MS
      for (;;) {
        // A page that is being loaded cannot be asked; that is no answer yet.
        const result = await calls.call(name, args).catch((error: Error) => error)
        if (!(result instanceof Error) && check(result as never)) return result as never
        if (performance.now() > deadline) {
          throw new Error(`${name} stayed ${String(JSON.stringify(result) ?? result)}\n${output}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Questions to the child, matched by number. */
class Calls {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  #last = 0

  constructor(child: ChildProcess, output: () => string) {
    this.#child = child
    child.on('message', ({ id, result, error }: { id?: number; result?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(id ?? 0)
      this.#waiting.delete(id ?? 0)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the program ended:\n${output()}`))
      this.#waiting.clear()
    })
  }

  call(name: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error('the program has ended'))
        return
      }
      this.#last += 1
      this.#waiting.set(this.#last, { resolve, reject })
      this.#child.send({ id: this.#last, name, args })
    })
  }
}
