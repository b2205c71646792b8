import type {
  AmphitheatreBridge,
  MessageName,
  Messages,
  RequestName,
  Requests,
} from '../../../preload/contract.ts'
import { messageSchemas, replySchema } from '../../../preload/schemas.ts'
import { Listeners } from './listeners.ts'
import { RequestError } from './requestError.ts'

/** What the preload puts into the page: replies as they travel, since errors lose what they carry on the way. */
export interface ElectronCarrier {
  request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<unknown>
  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void
}

/** The bridge of a page that runs under Electron. */
export function electronBridge(carrier: ElectronCarrier): AmphitheatreBridge {
  const listeners = new Listeners()
  for (const name of Object.keys(messageSchemas) as MessageName[]) {
    carrier.on(name, (message) => listeners.emit(name, message))
  }
  return {
    async request(name, args) {
      return resultOf(await carrier.request(name, args)) as Requests[typeof name]['result']
    },
    on: (name, listener) => listeners.on(name, listener),
  }
}

/** The result a reply carries; throws the failure it carries instead, as RequestError. */
export function resultOf(reply: unknown): unknown {
  const checked = replySchema.safeParse(reply)
  if (!checked.success) {
    throw new RequestError({
      name: 'BadReply',
      message: 'The program answered what this page does not understand.',
      remedy: 'Load the page again.',
    })
  }
  if (checked.data.ok) return checked.data.result
  const { name, message, kind, remedy } = checked.data.error
  throw new RequestError({
    name,
    message,
    ...(kind === undefined ? {} : { kind }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
