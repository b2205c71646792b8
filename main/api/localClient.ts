import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { ControlCenter, TerminalChunk } from '../engine/controlCenter.ts'
import { checkOwner, socketAddresses, UnsafeFolderError } from './localAddress.ts'
import {
  type Answer,
  type CallName,
  type Calls,
  encodeLine,
  type Greeting,
  LineSplitter,
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  PROTOCOL_VERSION,
  type StreamName,
  type Streams,
  type WireError,
} from './localProtocol.ts'

/** The engine went away in the middle, or takes no more calls. What it was doing goes on with the next engine. */
export class EngineGoneError extends Error {
  readonly remedy = 'Run `amphi resume` to take up what it left, or `amphi status` to see it.'
  /** Something is there, and will be no engine for us however often it is asked. */
  readonly isStranger: boolean
  constructor(
    message = 'The engine has stopped.',
    options: ErrorOptions & { readonly isStranger?: boolean } = {},
  ) {
    super(message, options)
    this.name = 'EngineGoneError'
    this.isStranger = options.isStranger ?? false
  }
}

/** The engine answered a call with an error; `kind` and `remedy` are the ones it gave. */
class EngineCallError extends Error {
  readonly kind: string | undefined
  readonly remedy: string | undefined
  constructor(error: WireError) {
    super(error.message)
    this.name = error.name
    this.kind = error.kind
    this.remedy = error.remedy
  }
}

export interface LocalClient extends ControlCenter {
  /** Process id of the engine. */
  readonly pid: number
  /** Resolves when the connection for calls is over: the engine went away, or `close` was called. */
  readonly gone: Promise<void>
  close(): void
}

/** An engine accepts at once even when busy; one that does not greet in this time is stopped or hung. */
const GREETING_MS = 10_000

/**
 * The running engine of a data folder, or undefined when none runs. Throws EngineGoneError for one that does not
 * answer, and an error that names the remedy for one that speaks another version.
 */
export async function connectLocal(dataDir: string): Promise<LocalClient | undefined> {
  for (const address of socketAddresses(dataDir)) {
    const socket = await open(address)
    if (socket !== undefined) return clientOn(address, await Connection.on(socket))
  }
  return undefined
}

function clientOn(address: string, calls: Connection): LocalClient {
  const streams = new Set<Socket>()
  const stream = <S extends StreamName>(name: S, args: Streams[S]['args'], signal: AbortSignal) =>
    openStream(address, streams, name, args, signal)
  return {
    pid: calls.pid,
    gone: calls.gone,
    dispatch: (request) => calls.call('dispatch', request),
    snapshot: () => calls.call('snapshot', {}),
    history: (query) => calls.call('history', query),
    runs: (query) => calls.call('runs', query),
    tasks: (run) => calls.call('tasks', { run }),
    diff: (run) => calls.call('diff', run),
    patch: (of) => calls.call('patch', of),
    targetSight: (of) => calls.call('targetSight', of),
    commitsBetween: (of) => calls.call('commitsBetween', of),
    rollbackPreview: (of) => calls.call('rollbackPreview', of),
    rebuildContext: (project) => calls.call('rebuildContext', { project }),
    usage: () => calls.call('usage', {}),
    health: () => calls.call('health', {}),
    vitals: () => calls.call('vitals', {}),
    series: (query) => calls.call('series', query),
    async input(attempt, data) {
      await calls.call('input', { attempt, data: Buffer.from(data).toString('base64') })
    },
    async resize(attempt, columns, rows) {
      await calls.call('resize', { attempt, columns, rows })
    },
    events: (from, signal) => stream('events', { from }, signal),
    async *terminal(request, signal): AsyncGenerator<TerminalChunk> {
      for await (const { offset, data } of stream('terminal', request, signal)) {
        yield { offset, data: Buffer.from(data, 'base64') }
      }
    },
    close() {
      calls.close()
      for (const socket of streams) socket.destroy()
    },
  }
}

/** Undefined when nobody listens there. */
function open(address: string): Promise<Socket | undefined> {
  if (process.platform !== 'win32') {
    try {
      checkOwner(dirname(address))
    } catch (error) {
      // Somebody else's folder: whatever listens there is not our engine.
      if (error instanceof UnsafeFolderError || isMissing(error)) return Promise.resolve(undefined)
      throw error
    }
  }
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.off('error', fail)
      resolve(socket)
    })
    const fail = (error: Error) => {
      if (isMissing(error)) resolve(undefined)
      else
        reject(
          new EngineGoneError(`The engine at ${address} cannot be reached: ${error.message}`, {
            cause: error,
          }),
        )
    }
    socket.once('error', fail)
  })
}

const NOBODY = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'EACCES'])

function isMissing(error: unknown): boolean {
  return NOBODY.has((error as NodeJS.ErrnoException).code ?? '')
}

/** The connection for calls: answers come in any order, matched by id. */
class Connection {
  readonly pid: number
  readonly gone: Promise<void>
  readonly #socket: Socket
  readonly #pending = new Map<number, (answer: Answer | undefined) => void>()
  #lastId = 0

  private constructor(socket: Socket, pid: number) {
    this.#socket = socket
    this.pid = pid
    this.gone = socket.destroyed
      ? Promise.resolve()
      : new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static async on(socket: Socket): Promise<Connection> {
    const messages = readMessages(socket)
    const greeting = await greet(socket, messages)
    const connection = new Connection(socket, greeting.pid)
    connection.#listen(messages).catch(() => connection.close())
    return connection
  }

  async #listen(messages: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const message of messages) {
        const answer = message as Answer
        const settle = this.#pending.get(answer.id)
        this.#pending.delete(answer.id)
        settle?.(answer)
      }
    } finally {
      for (const settle of this.#pending.values()) settle(undefined)
      this.#pending.clear()
      this.#socket.destroy()
    }
  }

  async call<C extends CallName>(call: C, args: Calls[C]['args']): Promise<Calls[C]['result']> {
    if (this.#socket.destroyed) throw new EngineGoneError()
    this.#lastId += 1
    const id = this.#lastId
    const line = requestLine(id, call, args)
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.#pending.set(id, resolve)
      this.#socket.write(line)
    })
    if (answer === undefined) throw new EngineGoneError()
    if ('error' in answer) throw new EngineCallError(answer.error)
    return (answer as { result: Calls[C]['result'] }).result
  }

  close(): void {
    this.#socket.destroy()
  }
}

function requestLine(id: number, call: string, args: unknown): string {
  const line = encodeLine({ id, call, args })
  if (Buffer.byteLength(line) <= MAX_REQUEST_BYTES) return line
  throw new EngineCallError({
    name: 'BadRequest',
    message: `This ${call} is ${Buffer.byteLength(line)} bytes; the engine takes at most ${MAX_REQUEST_BYTES}.`,
    remedy: 'Split the epic into smaller ones.',
  })
}

async function* openStream<S extends StreamName>(
  address: string,
  open_: Set<Socket>,
  name: S,
  args: Streams[S]['args'],
  signal: AbortSignal,
): AsyncGenerator<Streams[S]['item']> {
  if (signal.aborted) return
  const socket = await open(address)
  if (socket === undefined) throw new EngineGoneError()
  open_.add(socket)
  const cancel = () => socket.destroy()
  signal.addEventListener('abort', cancel)
  try {
    if (signal.aborted) return
    const messages = readMessages(socket)
    await greet(socket, messages)
    socket.write(requestLine(1, name, args))
    for await (const message of messages) {
      const answer = message as Answer
      if ('error' in answer) throw new EngineCallError(answer.error)
      if ('end' in answer) return
      if ('item' in answer) yield answer.item as Streams[S]['item']
    }
    throw new EngineGoneError()
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    open_.delete(socket)
    socket.destroy()
  }
}

/** Ends when the connection does; only as much is read as is asked for. */
async function* readMessages(socket: Socket): AsyncGenerator<unknown, void, void> {
  socket.on('error', () => {})
  const splitter = new LineSplitter(MAX_ANSWER_BYTES)
  try {
    for await (const chunk of socket) {
      for (const line of splitter.push(chunk as Buffer)) yield JSON.parse(line) as unknown
    }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      throw new EngineGoneError('What answers on the engine’s socket is not an engine.', {
        cause: error,
        isStranger: true,
      })
    }
    // The connection broke: the same as its end.
  }
}

async function greet(socket: Socket, messages: AsyncGenerator<unknown, void, void>): Promise<Greeting> {
  const timer = setTimeout(() => socket.destroy(), GREETING_MS)
  const first = await messages.next()
  clearTimeout(timer)
  if (first.done === true) throw new EngineGoneError('The engine does not answer.')
  const greeting = first.value as Partial<Greeting>
  if (greeting.amphitheatre === PROTOCOL_VERSION) return greeting as Greeting
  socket.destroy()
  throw new EngineGoneError(
    `The running engine (process ${greeting.pid}) is of another version: stop it, then start again.`,
    { isStranger: true },
  )
}
