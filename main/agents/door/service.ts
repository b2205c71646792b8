import { WorkspaceError } from '../../engine/ports/workspaces.ts'
import { type Behind, Call, internal, type Load, over, Refused, stopping } from './call.ts'
import {
  type Door,
  type DoorReply,
  type DoorRequest,
  type DoorService,
  type DoorUpload,
  REQUEST_ID,
  refuse,
} from './door.ts'
import { DOOR_LIMITS, TokenBucket } from './limits.ts'
import { standingOf } from './standing.ts'
import { upload } from './verbs/artifacts.ts'
import { VERBS } from './verbs.ts'

export interface ServiceOptions extends Behind {
  readonly log: (line: string) => void
  /** Monotonic, ms. */
  readonly clock?: () => number
}

interface Account {
  readonly load: Load
  readonly bucket: TokenBucket
}

/** What is behind every door: the agent's limits, the verb, and an answer in any case. */
export function createService(options: ServiceOptions): DoorService {
  const clock = options.clock ?? (() => performance.now())
  const accounts = new WeakMap<Door, Account>()
  const accountOf = (door: Door): Account => {
    const known = accounts.get(door)
    if (known !== undefined) return known
    const { callsPerSecond, callsAtOnce, wordsBytes, wordsBytesPerSecond } = DOOR_LIMITS
    const words = new TokenBucket(wordsBytesPerSecond, wordsBytes, performance.now())
    const account = {
      load: { waiting: 0, commands: 0, uploads: 0, uploadedBytes: 0, words },
      bucket: new TokenBucket(callsPerSecond, callsAtOnce, clock()),
    }
    accounts.set(door, account)
    return account
  }
  const guarded = async (
    door: Door,
    what: string,
    { requestId, signal }: { readonly requestId: string | null; readonly signal: AbortSignal },
    work: (call: Call) => Promise<DoorReply>,
  ): Promise<DoorReply> => {
    const { load, bucket } = accountOf(door)
    if (!bucket.take(clock())) return tooMany()
    try {
      if (standingOf(options.engine.state, door.of) === undefined) throw over()
      if (door.closed.aborted) throw stopping()
      options.engine.active(door.of.id)
      if (requestId !== null && !REQUEST_ID.test(requestId)) throw badId()
      return await work(new Call(options, door, load, { requestId, signal }))
    } catch (error) {
      return replyTo(error, (name) => options.log(`${what} of ${door.of.id} failed: ${name}`))
    }
  }
  return {
    admit: (door, calls = 1) => (accountOf(door).bucket.take(clock(), calls) ? undefined : tooMany()),
    call: (door, request) =>
      guarded(door, VERBS.has(request.verb) ? request.verb : 'a call', request, (call) =>
        perform(call, request),
      ),
    upload: (door, request: DoorUpload) =>
      guarded(door, 'an upload', request, (call) => {
        if (request.requestId === null) throw noId('an upload')
        return upload(call, request)
      }),
  }
}

async function perform(call: Call, { verb: name, args, requestId }: DoorRequest): Promise<DoorReply> {
  const verb = VERBS.get(name)
  if (verb === undefined) {
    const known = [...VERBS.keys()].join(', ')
    throw new Refused('unknown', 'there is no such verb', `The verbs are: ${known}.`)
  }
  if (verb.changes && requestId === null) throw noId(name)
  return verb.perform(call, args)
}

function noId(what: string): Refused {
  const remedy =
    'Send one of your own, 1 to 64 of A-Z a-z 0-9 _ -, and the same again when you repeat the call.'
  return new Refused('bad-request', `${what} changes something and needs a Request-Id`, remedy)
}

function badId(): Refused {
  return new Refused('bad-request', 'the Request-Id is malformed', 'Use 1 to 64 of A-Z a-z 0-9 _ -.')
}

function tooMany(): DoorReply {
  const { callsPerSecond } = DOOR_LIMITS
  const reason = `more than ${callsPerSecond} calls a second, large ones counting more`
  return refuse('too-many', reason, 'Call less often; to wait for something use "wait".', 1)
}

/** Only the kind of what went wrong is logged: its words may be the agent's. */
function replyTo(error: unknown, log: (name: string) => void): DoorReply {
  if (error instanceof Refused) return error.reply
  if (error instanceof WorkspaceError) {
    if (error.kind === 'permanent') return refuse('bad-request', error.message, error.remedy)
    return refuse('unavailable', error.message, error.remedy, 2)
  }
  const { name, code } = error as NodeJS.ErrnoException
  log(code ?? name)
  return internal().reply
}
