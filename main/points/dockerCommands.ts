import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { asRunnerError, call, hijack } from '../runners/docker/client.ts'
import { FrameDecoder } from '../runners/docker/frames.ts'
import { asExecError } from '../targets/docker/containers.ts'
import { type CommandCall, type CommandEnd, type Commands, NOT_OVER, type OpenCommand } from './commands.ts'

/** Commands inside a running container. */
export interface Inside {
  readonly docker: Docker
  /** Name or id; asked anew for every command. */
  readonly container: () => Promise<string> | string
  /** Default: the image's own. */
  readonly user?: string
  /** Its image has `timeout`: what runs on behind our back ends by itself. */
  readonly hasTimeout?: boolean
}

const MAX_WORDS = 16 * 1024
/** Docker ends the output a moment before it knows the exit code. */
const CODE_TRIES = 250
const CODE_POLL_MS = 20

export function dockerCommands(inside: Inside): Commands {
  return { open: (one) => open(inside, one) }
}

async function open(inside: Inside, one: CommandCall): Promise<OpenCommand> {
  const { docker, user, hasTimeout = false } = inside
  const container = await inside.container()
  const limit = hasTimeout ? ['timeout', '-k', '5', String(Math.ceil(one.limitMs / 1000))] : []
  const wantsInput = one.quiet !== true
  try {
    const exec = await call((abortSignal) =>
      docker.getContainer(container).exec({
        Cmd: [...limit, ...one.argv],
        AttachStdin: wantsInput,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        ...(user === undefined ? {} : { User: user }),
        abortSignal,
      }),
    )
    const stream = await hijack(exec, { stdin: wantsInput, Tty: false })
    return opened(exec, stream, one)
  } catch (error) {
    throw asExecError(error, `run ${one.argv[0]} in ${container}`, container)
  }
}

function opened(exec: Docker.Exec, stream: Duplex, one: CommandCall): OpenCommand {
  const signal = AbortSignal.any([one.signal, AbortSignal.timeout(one.limitMs + 10_000)])
  const drop = (): void => void stream.destroy()
  signal.addEventListener('abort', drop, { once: true })
  if (signal.aborted) drop()
  // An input that breaks off is told by how the command ends.
  stream.on('error', () => undefined)
  if (one.input !== undefined) {
    one.input.on('error', drop)
    one.input.pipe(stream)
  }
  const words: Buffer[] = []
  const ended = Promise.withResolvers<CommandEnd>()
  ended.promise.catch(() => undefined)
  async function* output(): AsyncGenerator<Buffer> {
    const decoder = new FrameDecoder()
    try {
      for await (const chunk of stream)
        for (const { stream: kind, payload } of decoder.frames(chunk as Buffer))
          if (kind === 2) remember(words, payload)
          else yield payload
      signal.throwIfAborted()
      ended.resolve({ code: await codeOf(exec), words: Buffer.concat(words).toString('utf8') })
    } catch (error) {
      ended.reject(signal.aborted ? (signal.reason as Error) : asRunnerError(error, `run ${one.argv[0]}`))
      throw error
    } finally {
      signal.removeEventListener('abort', drop)
    }
  }
  return {
    output: output(),
    write: (text) => void stream.write(text),
    endInput: () => void stream.end(),
    ended: ended.promise,
    drop,
  }
}

function remember(words: Buffer[], piece: Buffer): void {
  words.push(Buffer.from(piece))
  let size = words.reduce((sum, one) => sum + one.length, 0)
  while (size > MAX_WORDS && words.length > 1) size -= words.shift()!.length
}

async function codeOf(exec: Docker.Exec): Promise<number> {
  for (let tries = 0; tries < CODE_TRIES; tries++) {
    const { Running, ExitCode } = await call((abortSignal) => exec.inspect({ abortSignal }))
    if (!Running && ExitCode !== null) return ExitCode
    await new Promise((resolve) => setTimeout(resolve, CODE_POLL_MS))
  }
  // Its output is over, but it is not: the connection broke, or the container stands still.
  return NOT_OVER
}
