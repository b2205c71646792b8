import { prettifyError } from 'zod'
import type {
  Failure,
  HostInfo,
  MessageName,
  Messages,
  Reply,
  RequestName,
  Requests,
} from '../../../preload/contract.ts'
import { STREAM_WINDOW } from '../../../preload/contract.ts'
import { isRequestName, requestSchemas } from '../../../preload/schemas.ts'
import type { Desk } from '../../desk/desk.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { EngineGoneError } from '../localClient.ts'
import type { EngineLink, LinkStatus } from './engineLink.ts'
import { type CarrierRoom, sendEvents, sendOutput, Window } from './pageStream.ts'

export interface PageParts {
  readonly link: EngineLink
  readonly desk: Desk
  readonly host: HostInfo
  /** Messages go out in the order of the calls. */
  readonly post: <K extends MessageName>(name: K, message: Messages[K]) => void
  /** Streams wait for it before each message. Left out where the carrier takes whatever it is given. */
  readonly room?: CarrierRoom
}

/** Streams one page may have open: one for events, the rest terminals. */
const MAX_STREAMS = 400

interface Stream {
  readonly window: Window
  readonly abort: AbortController
}

/**
 * One page and what is done for it, whatever carries the messages (a WebSocket, Electron's channels): requests are
 * checked and answered, streams pumped. A lost engine ends the streams with an error that has the kind `lost`; the
 * page opens them again from where it is once `connection` tells of a new one.
 */
export class PageSession {
  readonly #parts: PageParts
  readonly #streams = new Map<number, Stream>()
  readonly #unlink: () => void
  readonly #room: CarrierRoom
  #closed = false

  constructor(parts: PageParts) {
    this.#parts = parts
    this.#room = parts.room ?? (() => Promise.resolve())
    this.#unlink = parts.link.onChange((status) => this.#tell(status))
    this.#tell(parts.link.status)
  }

  /** Never rejects: what goes wrong is in the reply. */
  async request(name: string, args: unknown): Promise<Reply> {
    if (this.#closed) return refused('The connection is closed.')
    if (!isRequestName(name)) return refused(`there is no request "${shortened(name)}"`)
    const checked = requestSchemas[name].safeParse(args)
    if (!checked.success) return refused(`${name}: ${shortened(prettifyError(checked.error))}`)
    try {
      return { ok: true, result: await this.#answer(name, checked.data as Requests[RequestName]['args']) }
    } catch (error) {
      return { ok: false, error: failureOf(error) }
    }
  }

  /** Ends what goes on for the page. */
  close(): void {
    this.#closed = true
    this.#unlink()
    for (const { abort } of this.#streams.values()) abort.abort()
    this.#streams.clear()
  }

  #answer<K extends RequestName>(name: K, args: Requests[K]['args']): unknown {
    const handler = this.#handlers[name] as (args: Requests[K]['args']) => unknown
    return handler(args)
  }

  get #center(): ControlCenter {
    const { status } = this.#parts.link
    if (status.status === 'connected') return status.center
    throw new LostError(status.reason, status.remedy)
  }

  readonly #handlers: { readonly [K in RequestName]: (args: Requests[K]['args']) => unknown } = {
    host: () => this.#parts.host,
    snapshot: () => this.#center.snapshot(),
    dispatch: (args) => this.#center.dispatch({ ...args, actor: `person:${this.#parts.host.person}` }),
    history: (args) => this.#center.history(args),
    runs: (args) => this.#center.runs(args),
    tasks: ({ run }) => this.#center.tasks(run),
    usage: () => this.#center.usage(),
    health: () => this.#center.health(),
    vitals: () => this.#center.vitals(),
    series: (args) => this.#center.series(args),
    diff: (args) => this.#center.diff(args),
    patch: (args) => this.#center.patch(args),
    targetSight: (args) => this.#center.targetSight(args),
    commitsBetween: (args) => this.#center.commitsBetween(args),
    rollbackPreview: (args) => this.#center.rollbackPreview(args),
    input: async ({ attempt, data }) => {
      await this.#center.input(attempt, Buffer.from(data, 'utf8'))
      return null
    },
    resize: async ({ attempt, columns, rows }) => {
      await this.#center.resize(attempt, columns, rows)
      return null
    },
    follow: ({ stream, from }) => {
      const center = this.#center
      return this.#open(stream, STREAM_WINDOW.events, (window, signal) =>
        sendEvents(center.events(from, signal), window, this.#room, signal, (events) =>
          this.#post('events', { stream, events }),
        ),
      )
    },
    output: ({ stream, attempt, from, follow }) => {
      const chunks = (signal: AbortSignal) => this.#center.terminal({ attempt, from, follow }, signal)
      return this.#open(stream, STREAM_WINDOW.output, (window, signal) =>
        sendOutput(chunks(signal), window, this.#room, signal, (chunk) =>
          this.#post('output', { stream, ...chunk }),
        ),
      )
    },
    ack: ({ stream, weight }) => {
      this.#streams.get(stream)?.window.acked(weight)
      return null
    },
    close: ({ stream }) => {
      this.#streams.get(stream)?.abort.abort()
      this.#streams.delete(stream)
      return null
    },
    checks: () => this.#parts.desk.checks(),
    mend: ({ check }) => this.#parts.desk.mend(check, this.#progress(check)),
    browse: ({ path }) => this.#parts.desk.browse(path),
    project: ({ path }) => this.#parts.desk.project(this.#center, path),
    init: ({ path }) => this.#parts.desk.init(this.#center, path),
    start: (args) => this.#parts.desk.start(this.#center, args, this.#progress('image')),
    spawn: (args) => this.#parts.desk.spawn(this.#center, args, this.#progress('image')),
  }

  #progress(of: string): (line: string) => void {
    return (line) => this.#post('progress', { of, line })
  }

  #open(stream: number, size: number, pump: (window: Window, signal: AbortSignal) => Promise<void>): null {
    if (this.#streams.has(stream)) throw new BadRequestError(`stream ${stream} is open already`)
    if (this.#streams.size >= MAX_STREAMS) throw new BadRequestError(`more than ${MAX_STREAMS} open streams`)
    const entry = { window: new Window(size), abort: new AbortController() }
    this.#streams.set(stream, entry)
    const end = (error: Failure | null): void => {
      if (this.#streams.get(stream) !== entry) return
      this.#streams.delete(stream)
      this.#post('ended', { stream, error })
    }
    pump(entry.window, entry.abort.signal).then(
      () => end(null),
      (error: unknown) => end(failureOf(error)),
    )
    return null
  }

  #tell(status: LinkStatus): void {
    if (status.status === 'connected') {
      this.#post('connection', { status: 'connected', enginePid: status.enginePid })
      return
    }
    const { reason, remedy } = status
    for (const [stream, { abort }] of this.#streams) {
      this.#streams.delete(stream)
      abort.abort()
      this.#post('ended', { stream, error: failureOf(new LostError(reason, remedy)) })
    }
    this.#post('connection', { status: 'lost', reason, remedy })
  }

  #post<K extends MessageName>(name: K, message: Messages[K]): void {
    if (!this.#closed) this.#parts.post(name, message)
  }
}

/** The page's mistake. */
class BadRequestError extends Error {
  override readonly name = 'BadRequest'
}

const LOOKED_FOR = 'It is being looked for, or started again.'

/** No engine now. */
class LostError extends Error {
  override readonly name = 'EngineLost'
  readonly kind = 'lost'
  readonly remedy: string
  constructor(reason: string, remedy: string) {
    super(reason)
    this.remedy = remedy
  }
}

/** What is wrong with a request may be as long as the request. */
const LONGEST_FAULT = 1_000

function shortened(text: string): string {
  return text.length > LONGEST_FAULT ? `${text.slice(0, LONGEST_FAULT)}…` : text
}

function refused(message: string): Reply {
  return { ok: false, error: { name: 'BadRequest', message } }
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  // Noticed before the link is told: for the page it is the same.
  if (error instanceof EngineGoneError) return failureOf(new LostError(error.message, LOOKED_FOR))
  const { kind, remedy } = error as { kind?: unknown; remedy?: unknown }
  return {
    name: error.name,
    message: error.message,
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
  }
}
