import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Door, type DoorReply, type DoorService, type DoorTransport, refuse } from './door.ts'
import { DOOR_LIMITS } from './limits.ts'
import { type Owner, SpoolFolder } from './spoolFolder.ts'
import { SpoolReplies } from './spoolReplies.ts'
import { oddData, readRequest, type SpoolRequest } from './spoolRequest.ts'

/**
 * The door by files, for images with neither curl nor Node. The client writes `requests/<id>.json` in its exchange
 * folder, whole (under another name, then renamed); the answer comes to `replies/<id>.json` or `.txt` in the door's
 * folder (`SpoolReplies`). The client removes its request once it has read the answer; then the answer goes, too.
 * The id is the Request-Id. `SpoolRequest` says what a request is.
 */
export interface SpoolOptions {
  /** Who agents are on the host; null where that is us. */
  readonly owner: Owner
  readonly log: (line: string) => void
  /** Between looks for what no watcher told of, ms. */
  readonly pollMs?: number
  /** An answer nobody fetches goes after so long, with its request, ms. */
  readonly keepMs?: number
}

/** Of requests. */
const FOLDER = 'requests'
const REQUEST = /^([A-Za-z0-9_-]{1,64})\.json$/
/** A look for what the watcher missed; on Linux it is told of nearly everything. */
const WATCHED_POLL_MS = 5_000
/** Where nobody is told: what a virtual machine writes, say. */
const POLL_MS = 500
/** Changes come in flocks. */
const SOON_MS = 5
/** Longest rest between looks that are asked for all the time. */
const MOST_REST_MS = 1_000
const KEEP_MS = 10 * 60_000
/** Answers that lie there unfetched; before some of them go nothing new is taken. */
const MOST_UNFETCHED = 64
/** Of these, answers that are files. */
const MOST_FILES = 4
/** Where the engine said "try again" without saying when, seconds. */
const AGAIN_SECONDS = 2

/** A transport for `DoorsOptions.spool`. */
export function serveSpool(options: SpoolOptions): DoorTransport {
  return async (door, service) => {
    const spool = new Spool(options, door, service)
    await spool.start()
    return { close: () => spool.close() }
  }
}

/** looking ⇄ waiting for a change, until closed; meanwhile up to `connections` requests are under way. */
class Spool {
  readonly #options: SpoolOptions
  readonly #door: Door
  readonly #service: DoorService
  readonly #replies: SpoolReplies
  readonly #closing = new AbortController()
  /** When each was answered, ms; until its request is gone. */
  readonly #answered = new Map<string, number>()
  /** Answered with bytes, of those, or about to be. */
  readonly #files = new Set<string>()
  readonly #underWay = new Map<string, { readonly work: Promise<void>; readonly gone: AbortController }>()
  /** Folders that were replaced, until what is under way in them is through. */
  readonly #leaving = new Set<Promise<void>>()
  /** Undefined while something else stands in its place. */
  #folder: SpoolFolder | undefined
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  /** When it looks next, and the earliest it may: who changes things all the time gets about a tenth of our time. */
  #due = Number.POSITIVE_INFINITY
  #earliest = 0
  /** Something changed while it looked. */
  #again = false
  #looking: Promise<void> | undefined
  /** The kind of trouble that was logged last: each is told of once in a row. */
  #told = ''

  constructor(options: SpoolOptions, door: Door, service: DoorService) {
    this.#options = options
    this.#door = door
    this.#service = service
    this.#replies = new SpoolReplies(door.folder, options.owner)
  }

  async start(): Promise<void> {
    for (const id of await this.#replies.ids()) this.#answered.set(id, performance.now())
    this.#look()
    await this.#looking
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    this.#watcher?.close()
    await this.#looking
    await this.#through()
    await Promise.all(this.#leaving)
    await this.#folder?.close()
  }

  async #through(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ work }) => work))
  }

  #soon(ms: number): void {
    if (this.#closing.signal.aborted) return
    const due = Math.max(performance.now() + ms, this.#earliest)
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => this.#look(), due - performance.now())
  }

  #look(): void {
    if (this.#closing.signal.aborted) return
    clearTimeout(this.#timer)
    this.#due = Number.POSITIVE_INFINITY
    if (this.#looking !== undefined) {
      this.#again = true
      return
    }
    const began = performance.now()
    this.#looking = this.#scan()
      .then(
        () => {
          this.#told = ''
        },
        (error: NodeJS.ErrnoException) => this.#tell(error.code ?? error.name),
      )
      .finally(() => {
        this.#looking = undefined
        const now = performance.now()
        this.#earliest = now + Math.min(MOST_REST_MS, 10 * (now - began))
        this.#soon(this.#again ? SOON_MS : this.#pollMs)
        this.#again = false
      })
  }

  get #pollMs(): number {
    const isTold = process.platform === 'linux' && this.#watcher !== undefined
    return this.#options.pollMs ?? (isTold ? WATCHED_POLL_MS : POLL_MS)
  }

  async #scan(): Promise<void> {
    const folder = await this.#open()
    if (folder === undefined) return
    const names = await folder.names()
    const there = new Set(names)
    await this.#forget(folder, there)
    for (const [id, { gone }] of this.#underWay) {
      if (!there.has(`${id}.json`) && !(await folder.has(`${id}.json`))) gone.abort()
    }
    for (const name of names) {
      if (this.#underWay.size >= DOOR_LIMITS.connections || this.#answered.size >= MOST_UNFETCHED) return
      const id = REQUEST.exec(name)?.[1]
      if (id === undefined || this.#answered.has(id) || this.#underWay.has(id)) continue
      this.#take(folder, id)
    }
  }

  /** The folder by the name it has now: an agent may have made it anew. */
  async #open(): Promise<SpoolFolder | undefined> {
    const { exchange } = this.#door.of
    if (this.#folder !== undefined) {
      if (await this.#folder.isAt(join(exchange, FOLDER))) return this.#folder
      this.#watcher?.close()
      const old = this.#folder
      const left = this.#through()
        .then(() => old.close())
        .catch(() => undefined)
      this.#leaving.add(left)
      void left.finally(() => this.#leaving.delete(left))
    }
    this.#folder = await SpoolFolder.open(exchange, FOLDER, this.#options.owner)
    if (this.#folder !== undefined) this.#watch(this.#folder)
    return this.#folder
  }

  #watch(folder: SpoolFolder): void {
    try {
      this.#watcher = watch(folder.path, { persistent: false }, () => this.#soon(SOON_MS))
      // Then there is the poll.
      this.#watcher.on('error', () => {
        this.#watcher?.close()
        this.#watcher = undefined
      })
    } catch {
      this.#watcher = undefined
    }
  }

  /** Answers whose request is gone were fetched; those that lie there too long go with it. */
  async #forget(folder: SpoolFolder, names: ReadonlySet<string>): Promise<void> {
    const { keepMs = KEEP_MS } = this.#options
    for (const [id, since] of this.#answered) {
      const isOld = performance.now() - since > keepMs
      if (!isOld && (names.has(`${id}.json`) || (await folder.has(`${id}.json`)))) continue
      if (isOld) for (const kind of ['data', 'json']) await folder.remove(`${id}.${kind}`)
      await this.#replies.remove(id)
      this.#answered.delete(id)
      this.#files.delete(id)
    }
  }

  #take(folder: SpoolFolder, id: string): void {
    const gone = new AbortController()
    const work = this.#perform(folder, id, gone.signal)
      .catch((error: NodeJS.ErrnoException) => this.#tell(error.code ?? error.name))
      .finally(() => {
        this.#underWay.delete(id)
        if (!this.#answered.has(id)) this.#files.delete(id)
        this.#soon(SOON_MS)
      })
    this.#underWay.set(id, { work, gone })
  }

  async #perform(folder: SpoolFolder, id: string, gone: AbortSignal): Promise<void> {
    const request = await readRequest(folder, id, (calls) => this.#service.admit(this.#door, calls))
    if (request === undefined) return
    const signal = AbortSignal.any([this.#closing.signal, gone])
    const reply = 'reply' in request ? request.reply : await this.#serve(folder, id, request, signal)
    if (gone.aborted) return
    // Left where it is and taken up again: by this engine in a while, or by the next.
    if (reply.status === 503) return await pause((reply.retryAfter ?? AGAIN_SECONDS) * 1_000, signal)
    if (reply.status === 429) await pause(DOOR_LIMITS.tooManyDelayMs, signal)
    const plain = !('reply' in request) && request.plain
    await this.#replies.write(id, 'verb' in request ? request.verb : 'artifact', reply, plain)
    this.#answered.set(id, performance.now())
  }

  async #serve(
    folder: SpoolFolder,
    requestId: string,
    request: SpoolRequest,
    signal: AbortSignal,
  ): Promise<DoorReply> {
    if ('verb' in request) {
      const { verb, args } = request
      const reply = await this.#service.call(this.#door, { verb, args, requestId, signal })
      if (reply.file === undefined) return reply
      if (this.#files.size < MOST_FILES) {
        // Before it is copied: others are under way.
        this.#files.add(requestId)
        return reply
      }
      const remedy = 'Remove the requests of those you have read.'
      return refuse('too-many', `${MOST_FILES} files lie there unread`, remedy, 1)
    }
    const data = await folder.file(`${requestId}.data`)
    if (!data.ok) return oddData(data)
    const stream = data.file.createReadStream({ end: DOOR_LIMITS.artifactBytes })
    try {
      return await this.#service.upload(this.#door, { ...request.upload, data: stream, requestId, signal })
    } finally {
      stream.destroy()
    }
  }

  #tell(what: string): void {
    if (this.#told === what) return
    this.#told = what
    this.#options.log(`requests by file of ${this.#door.of.id} cannot be answered: ${what}`)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
