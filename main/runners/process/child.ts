import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { ReadStream } from 'node:tty'
import type { SupervisedSpec } from './record.ts'
import { TerminalInput } from './terminalInput.ts'

/** The agent's main process as its supervisor holds it: behind a pseudo-terminal, or behind two pipes. */
export interface Child {
  readonly pid: number
  /** Null where it has no terminal. */
  readonly terminal: {
    write(data: Uint8Array): void
    resize(columns: number, rows: number): void
  } | null
  /** Stops and goes on reading its output; it is held up once the kernel's buffers are full. */
  pause(): void
  resume(): void
  /** Gives up reading: somebody keeps the other end open. */
  close(): void
}

export interface ChildEvents {
  readonly onOutput: (data: Buffer) => void
  /** The main process is over. Output may still come. */
  readonly onExit: (code: number, signal: number) => void
  /** All output has come: nobody holds the other end any more. */
  readonly onEnd: () => void
}

/** Starts the command. Throws, or ends with 126 or 127, when it cannot be run at all. */
export function startChild(spec: SupervisedSpec, events: ChildEvents): Child {
  if (spec.tty === null) return startPiped(spec, events)
  return process.platform === 'win32' ? startConsole(spec, events) : startTerminal(spec, events)
}

/**
 * The native half of @lydell/node-pty. Its other half closes the terminal 200 ms after the end of the main process,
 * read to the end or not, which loses output on a busy machine; reading it here loses none, and is lighter.
 */
interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number }
  resize(fd: number, columns: number, rows: number): void
}

const require = createRequire(import.meta.url)

/** Throws where there is none for this kind of machine. */
export function loadPty(): NativePty {
  return require(`@lydell/node-pty-${process.platform}-${process.arch}/pty.node`) as NativePty
}

/** macOS starts programs in a terminal by way of a helper. */
function helper(): string {
  if (process.platform !== 'darwin') return ''
  const path = require.resolve(`@lydell/node-pty-darwin-${process.arch}/spawn-helper`)
  return path.replace(/app\.asar(?=[/\\])/, 'app.asar.unpacked')
}

function startTerminal(spec: SupervisedSpec, events: ChildEvents): Child {
  const pty = loadPty()
  const { columns, rows } = spec.tty!
  const env = Object.entries(spec.env).map(([name, value]) => `${name}=${value}`)
  const { fd, pid } = pty.fork(
    spec.file,
    spec.args,
    env,
    spec.cwd,
    columns,
    rows,
    -1,
    -1,
    false,
    helper(),
    (code, signal) => events.onExit(code, signal),
  )
  const stream = new ReadStream(fd)
  const input = new TerminalInput(fd)
  stream.on('data', events.onOutput)
  // The kernel's way to say that nobody has the other end open any more is an error (EIO).
  stream.on('error', () => input.close())
  stream.on('end', () => input.close())
  stream.on('close', () => {
    input.close()
    events.onEnd()
  })
  return {
    pid,
    terminal: {
      write: (data) => input.write(data),
      resize: (newColumns, newRows) => {
        if (!stream.destroyed) pty.resize(fd, newColumns, newRows)
      },
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    close: () => {
      input.close()
      stream.destroy()
    },
  }
}

/** Windows: a pseudo-console. It tells text, not bytes. */
function startConsole(spec: SupervisedSpec, events: ChildEvents): Child {
  const { spawn: open } = require('@lydell/node-pty') as typeof import('@lydell/node-pty')
  const { columns, rows } = spec.tty!
  const env = { ...spec.env }
  const console = open(spec.file, [...spec.args], { cols: columns, rows, cwd: spec.cwd, env })
  console.onData((text) => events.onOutput(Buffer.from(text)))
  console.onExit(({ exitCode, signal }) => {
    events.onExit(exitCode, signal ?? 0)
    events.onEnd()
  })
  return {
    pid: console.pid,
    terminal: {
      write: (data) => console.write(Buffer.from(data).toString('utf8')),
      resize: (newColumns, newRows) => console.resize(newColumns, newRows),
    },
    pause: () => console.pause(),
    resume: () => console.resume(),
    close: () => events.onEnd(),
  }
}

function startPiped(spec: SupervisedSpec, events: ChildEvents): Child {
  const child = spawn(spec.file, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    // A session of its own, as with a terminal.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const streams = [child.stdout, child.stderr]
  let open = streams.length
  for (const stream of streams) {
    stream.on('data', events.onOutput)
    stream.on('error', () => undefined)
    stream.on('close', () => {
      open -= 1
      if (open === 0) events.onEnd()
    })
  }
  child.on('exit', (code, signal) => events.onExit(code ?? 0, signal === null ? 0 : signalNumber(signal)))
  child.on('error', (error) => {
    if (child.pid === undefined) throw error
  })
  if (child.pid === undefined) throw new Error(`${spec.file} cannot be started`)
  return {
    pid: child.pid,
    terminal: null,
    pause: () => streams.forEach((stream) => void stream.pause()),
    resume: () => streams.forEach((stream) => void stream.resume()),
    close: () => streams.forEach((stream) => void stream.destroy()),
  }
}

function signalNumber(signal: NodeJS.Signals): number {
  return (require('node:os') as typeof import('node:os')).constants.signals[signal]
}
