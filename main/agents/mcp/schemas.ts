import { z } from 'zod'
import { handoffDocumentSchema } from '../../domain/talk/handoff.ts'
import { ARTIFACT_TYPES } from '../../domain/talk/message.ts'

/** JSON schemas of what tools take, made from those of the verbs and short enough for a model to read each time. */

export type Json = { readonly [key: string]: unknown }

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
export const PROPERTIES: Readonly<Record<string, Json>> = {
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
export function tidy(value: unknown): unknown {
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
