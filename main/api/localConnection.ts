import type { Socket } from 'node:net'
import { prettifyError } from 'zod'
import type { ControlCenter } from '../engine/controlCenter.ts'
import {
  type Answer,
  type CallName,
  type Calls,
  encodeLine,
  LineSplitter,
  MAX_REQUEST_BYTES,
  PROTOCOL_VERSION,
  type Request,
  type StreamName,
  type WireError,
} from './localProtocol.ts'
import { type CallArgs, callSchemas, requestSchema, streamSchemas } from './localSchemas.ts'

/** Requests of one connection that are worked on at once; more are left in the socket. */
const MAX_IN_FLIGHT = 16

/**
 * The engine's end of one connection. Memory stays bounded whatever the client does: nothing more is read while
 * `MAX_IN_FLIGHT` requests are open or the client does not take its answers.
 */
export function serveConnection(center: ControlCenter, socket: Socket): void {
  const over = new AbortController()
  socket.once('close', () => over.abort())
  // A client that vanished is no trouble of the engine's; 'close' follows.
  socket.on('error', () => {})
  const connection = new Connection(center, socket, over.signal)
  connection.run().catch(() => socket.destroy())
}

class Connection {
  readonly #center: ControlCenter
  readonly #socket: Socket
  readonly #over: AbortSignal
  readonly #open = new Set<Promise<void>>()
  /** Pending while the client is behind; undefined while it keeps up. */
  #drained: Promise<void> | undefined

  constructor(center: ControlCenter, socket: Socket, over: AbortSignal) {
    this.#center = center
    this.#socket = socket
    this.#over = over
  }

  async run(): Promise<void> {
    await this.#send({ amphitheatre: PROTOCOL_VERSION, pid: process.pid })
    const splitter = new LineSplitter(MAX_REQUEST_BYTES)
    for await (const chunk of this.#socket) {
      let lines: readonly string[]
      try {
        lines = splitter.push(chunk as Buffer)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        await this.#send({ id: 0, error: { name: 'BadRequest', message } })
        this.#socket.destroySoon()
        return
      }
      for (const line of lines) await this.#accept(line)
    }
  }

  async #accept(line: string): Promise<void> {
    while (this.#open.size >= MAX_IN_FLIGHT) await Promise.race(this.#open)
    if (this.#drained !== undefined) await this.#drained
    const work = this.#answer(line).catch(() => {
      this.#socket.destroy()
    })
    this.#open.add(work)
    void work.then(() => this.#open.delete(work))
  }

  async #answer(line: string): Promise<void> {
    const request = parseRequest(line)
    if ('error' in request) return this.#send({ id: 0, error: request.error })
    try {
      if (isStream(request.call)) await this.#stream(request.id, request.call, request.args)
      else await this.#send({ id: request.id, result: await this.#call(request) })
    } catch (error) {
      if (!this.#over.aborted) await this.#send({ id: request.id, error: toWire(error) })
    }
  }

  async #call(request: Request): Promise<unknown> {
    if (!Object.hasOwn(HANDLERS, request.call)) throw new BadRequest(`there is no call "${request.call}"`)
    const name = request.call as CallName
    const args = callSchemas[name].safeParse(request.args)
    if (!args.success) throw new BadRequest(`${name}: ${prettifyError(args.error)}`)
    const handler = HANDLERS[name] as (center: ControlCenter, args: unknown) => Promise<unknown>
    return handler(this.#center, args.data)
  }

  async #stream(id: number, name: StreamName, input: unknown): Promise<void> {
    const args = streamSchemas[name].safeParse(input)
    if (!args.success) throw new BadRequest(`${name}: ${prettifyError(args.error)}`)
    for await (const item of this.#items(args.data)) {
      if (this.#over.aborted) return
      await this.#send({ id, item })
    }
    if (!this.#over.aborted) await this.#send({ id, end: true })
  }

  async *#items(args: CallStreamArgs): AsyncIterable<unknown> {
    if (!('attempt' in args)) return yield* this.#center.events(args.from, this.#over)
    for await (const chunk of this.#center.terminal(args, this.#over)) {
      yield { offset: chunk.offset, data: Buffer.from(chunk.data).toString('base64') }
    }
  }

  /** Resolves when the client has room for more, or is gone. */
  #send(message: Parameters<typeof encodeLine>[0]): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve()
    if (this.#socket.write(encodeLine(message))) return Promise.resolve()
    this.#drained ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        this.#drained = undefined
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
    return this.#drained
  }
}

type CallStreamArgs =
  | ReturnType<(typeof streamSchemas)['events']['parse']>
  | ReturnType<(typeof streamSchemas)['terminal']['parse']>

type Handlers = {
  readonly [C in CallName]: (center: ControlCenter, args: CallArgs<C>) => Promise<Calls[C]['result']>
}

const HANDLERS: Handlers = {
  dispatch: (center, { command, actor, id }) =>
    center.dispatch({
      command,
      ...(actor === undefined ? {} : { actor }),
      ...(id === undefined ? {} : { id }),
    }),
  snapshot: (center) => center.snapshot(),
  history: (center, { after, limit, run }) =>
    center.history({ after, limit, ...(run === undefined ? {} : { run }) }),
  runs: (center, { project, limit }) =>
    center.runs({
      ...(project === undefined ? {} : { project }),
      ...(limit === undefined ? {} : { limit }),
    }),
  tasks: (center, { run }) => center.tasks(run),
  input: async (center, { attempt, data }) => {
    await center.input(attempt, Buffer.from(data, 'base64'))
    return null
  },
  resize: async (center, { attempt, columns, rows }) => {
    await center.resize(attempt, columns, rows)
    return null
  },
  diff: (center, args) => center.diff(args),
  patch: (center, args) => center.patch(args),
  targetSight: (center, args) => center.targetSight(args),
  commitsBetween: (center, args) => center.commitsBetween(args),
  rollbackPreview: (center, args) => center.rollbackPreview(args),
  rebuildContext: (center, { project }) => center.rebuildContext(project),
  usage: (center) => center.usage(),
  health: (center) => center.health(),
  vitals: (center) => center.vitals(),
  series: (center, { project, measure, role, from, limit }) =>
    center.series({
      project,
      measure,
      role,
      ...(from === undefined ? {} : { from }),
      ...(limit === undefined ? {} : { limit }),
    }),
}

function isStream(call: string): call is StreamName {
  return Object.hasOwn(streamSchemas, call)
}

/** The client's mistake, answered and not logged. */
class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

function parseRequest(line: string): Request | { readonly error: WireError } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { error: { name: 'BadRequest', message: 'a line is not JSON' } }
  }
  const request = requestSchema.safeParse(value)
  if (request.success) return request.data
  return { error: { name: 'BadRequest', message: prettifyError(request.error) } }
}

function toWire(error: unknown): Extract<Answer, { error: WireError }>['error'] {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { kind, remedy } = error as { kind?: unknown; remedy?: unknown }
  return {
    name: error.name,
    message: error.message,
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
  }
}
