import { z } from 'zod'
import { REQUEST_ID } from '../door/door.ts'
import type { Verb } from '../door/verbs/verb.ts'
import { VERBS } from '../door/verbs.ts'
import { type Json, PROPERTIES, tidy } from './schemas.ts'
import { REQUEST_ID_ARG, SHARED_ARGS, WORDING, type Wording } from './wording.ts'

/** A verb of the door as a tool of MCP. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: Json & { readonly type: 'object' }
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
}

export interface Offered {
  readonly verb: string
  /** It takes `request_id` beside the verb's own arguments. */
  readonly changes: boolean
  readonly tool: Tool
}

/** Every verb, by the name of its tool, in the order of the verbs. */
export const TOOLS: ReadonlyMap<string, Offered> = new Map(
  [...VERBS].map(([name, verb]) => {
    const tool = toolOf(verb, WORDING[name] ?? plainWording(name, verb))
    return [tool.name, { verb: name, changes: verb.changes, tool }] as const
  }),
)

export function plainWording(name: string, { about }: Verb): Wording {
  return { name: name.replaceAll('-', '_'), title: name, description: about }
}

export function toolOf(verb: Verb, wording: Wording): Tool {
  const { name, title, description, args = {}, readOnly = !verb.changes, idempotent = readOnly } = wording
  const schema = tidy(z.toJSONSchema(verb.args, { io: 'input', unrepresentable: 'any' }) as Json) as Json
  const properties = Object.entries(schema['properties'] as Json).map(([key, found]) => {
    const about = args[key] ?? SHARED_ARGS[key]
    const property = (PROPERTIES[key] ?? found) as Json
    return [key, about === undefined ? property : { ...property, description: about }] as const
  })
  const id = { type: 'string', pattern: REQUEST_ID.source, description: REQUEST_ID_ARG }
  const { required } = schema
  return {
    name,
    title,
    description,
    inputSchema: {
      type: 'object',
      properties: { ...Object.fromEntries(properties), ...(verb.changes ? { request_id: id } : {}) },
      ...(required === undefined ? {} : { required }),
      additionalProperties: false,
    },
    // Nothing an agent says takes away what is there: all of it is in the log.
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: false,
      idempotentHint: idempotent,
      openWorldHint: false,
    },
  }
}
