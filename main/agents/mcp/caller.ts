import type { DoorBody, DoorReply } from '../door/door.ts'

/** The agent that calls, as the MCP server sees it: nothing but its verbs. */
export interface Caller {
  /** Never throws; a call that is not carried out is a reply with `ok: false`. */
  call(verb: string, args: unknown, requestId: string | null): Promise<DoorReply>
  /** The `Request-Id` of the HTTP request: who repeats a request repeats it with this. */
  readonly requestId: string | null
}

/** A refusal in words that a model can act on. */
export function refusalText(body: Extract<DoorBody, { readonly ok: false }>): string {
  return `Not done (${body.code}): ${body.reason}. ${body.remedy}`
}
