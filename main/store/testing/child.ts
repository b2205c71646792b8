import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A script of this folder in a process of its own, killed when it is disposed of. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** The next line it prints. */
  line(): Promise<string>
  say(line: string): void
  kill(): Promise<void>
  /** Its exit code; null when it was killed. */
  exit(): Promise<number | null>
}

export function startChild(script: string, ...args: readonly string[]): Child {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines = linesOf(child)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    // Not `close`: that waits for somebody to read what it still had to say.
    await exited
    child.stdout?.destroy()
  }
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${script} ended without the line that was awaited.`)
      return value
    },
    say: (line) => child.stdin?.write(`${line}\n`),
    kill,
    exit: () => exited,
    [Symbol.asyncDispose]: kill,
  }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const piece of child.stdout ?? []) {
    const parts = (rest + String(piece)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  return undefined
}
