import type { spawn as Spawn } from 'node:child_process'
import { PassThrough } from 'node:stream'
import type { CommandCall, CommandEnd, Commands, OpenCommand } from './commands.ts'
import { TIMED_OUT } from './commands.ts'
import { PointError } from './pointError.ts'

/** Commands of this machine, in `/`, as the program itself: for databases that only they reach. */
const MAX_WORDS = 16 * 1024

export function hostCommands(spawn: typeof Spawn, env: NodeJS.ProcessEnv = process.env): Commands {
  return { open: (call) => open(spawn, env, call) }
}

function open(spawn: typeof Spawn, env: NodeJS.ProcessEnv, call: CommandCall): Promise<OpenCommand> {
  const [program, ...args] = call.argv
  const child = spawn(program!, args, {
    cwd: '/',
    env,
    stdio: [call.quiet === true ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // A group of its own: what it starts ends with it.
    detached: process.platform !== 'win32',
  })
  let timedOut = false
  const kill = (): void => {
    try {
      if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL')
      else child.kill('SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
  const timer = setTimeout(() => {
    timedOut = true
    kill()
  }, call.limitMs)
  call.signal.addEventListener('abort', kill, { once: true })
  if (call.signal.aborted) kill()
  let words = ''
  child.stderr!.on('data', (piece: Buffer) => {
    words = (words + piece.toString('utf8')).slice(-MAX_WORDS)
  })
  // An input nobody reads is told by how the command ends.
  child.stdin?.on('error', () => undefined)
  if (call.input !== undefined && child.stdin !== null) {
    call.input.on('error', kill)
    call.input.pipe(child.stdin)
  }
  // Read from the first moment: Node throws away what nobody reads yet when the command ends.
  const output = child.stdout!.pipe(new PassThrough()) as AsyncIterable<Buffer>
  const ended = Promise.withResolvers<CommandEnd>()
  ended.promise.catch(() => undefined)
  const over = (): void => {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', kill)
  }
  child.once('error', (error) => {
    over()
    ended.reject(
      new PointError(`${program} cannot be started: ${error.message}.`, 'Look whether it is installed.'),
    )
  })
  child.once('close', (code) => {
    over()
    if (call.signal.aborted) ended.reject(call.signal.reason as Error)
    else ended.resolve({ code: timedOut ? TIMED_OUT : (code ?? 1), words })
  })
  return Promise.resolve({
    output,
    write: (text) => void child.stdin?.write(text),
    endInput: () => void child.stdin?.end(),
    ended: ended.promise,
    drop: kill,
  })
}
