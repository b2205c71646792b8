import { z } from 'zod'
import { handoffDocumentSchema } from '../../domain/talk/handoff.ts'
import { ARTIFACT_TYPES } from '../../domain/talk/message.ts'
import { REQUEST_ID } from '../door/door.ts'
import type { Verb } from '../door/verbs/verb.ts'
import { VERBS } from '../door/verbs.ts'
import { REQUEST_ID_ARG, SHARED_ARGS, WORDING, type Wording } from './wording.ts'

type Json = { readonly [key: string]: unknown }

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

const ARTIFACTS = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      type: { type: 'string', enum: ARTIFACT_TYPES },
      hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    },
    required: ['path', 'type'],
  },
} as const

/** Where verbs take more than their schema shows, because they make other forms into it first. */
const PROPERTIES: Readonly<Record<string, Json>> = {
  artifacts: ARTIFACTS,
  payload: {},
  priority: { type: 'integer', minimum: 0, maximum: 3 },
  document: documentSchema(),
}

function documentSchema(): Json {
  const schema = tidy(z.toJSONSchema(handoffDocumentSchema, { io: 'input' }) as Json) as Json
  const properties = schema['properties'] as Json
  const status = { type: 'string', enum: ['final', 'draft'] }
  const items = { ...ARTIFACTS.items, properties: { ...ARTIFACTS.items.properties, status } }
  const notEmpty = 'One line each; "none" where there are none: an empty list is sent back.'
  const described = ['knownIssues', 'dependencies', 'successCriteria'].map((key) => {
    return [key, { ...(properties[key] as Json), description: notEmpty }] as const
  })
  return {
    ...schema,
    properties: { ...properties, ...Object.fromEntries(described), artifacts: { ...ARTIFACTS, items } },
  }
}

/**
 * A schema as short as it can be said to a model: no dialect, no `null` beside what may be left out anyway, no defaults
 * that say "nothing", no limits that are those of numbers.
 */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== 'object' || value === null) return value
  const { $schema: _, anyOf, ...rest } = value as { readonly [key: string]: unknown }
  const kept = Object.entries(rest).filter(
    ([key, found]) =>
      !(
        key === 'default' &&
        (found === null || found === '' || (Array.isArray(found) && found.length === 0))
      ) && !(key === 'maximum' && found === Number.MAX_SAFE_INTEGER),
  )
  const tidied = Object.fromEntries(kept.map(([key, found]) => [key, tidy(found)]))
  const { type } = tidied
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((one) => one !== 'null')
    tidied['type'] = others.length === 1 ? others[0] : others
  }
  if (!Array.isArray(anyOf)) return tidied
  const others = anyOf.filter((one) => (one as Json)['type'] !== 'null').map(tidy)
  return others.length === 1 ? { ...tidied, ...(others[0] as Json) } : { ...tidied, anyOf: others }
}
