import { z } from 'zod'
import { ProjectInput } from './schema/project.ts'

type Json = { [key: string]: unknown }

/** Keys that belong to whoever writes the file. */
const FREE_KEYS = { '^x-': {} }

/**
 * The JSON schema of `amphitheatre.yaml` version 1, draft 7, for editors. It describes the shape only: what tasks
 * say about each other is checked when the file is loaded.
 */
export function projectJsonSchema(): Json {
  const schema = z.toJSONSchema(ProjectInput, { io: 'input', target: 'draft-7' }) as Json
  const { $schema, ...rest } = freeKeys(schema) as Json
  return { $schema, $id: 'amphitheatre.v1.schema.json', title: 'Amphitheatre project, version 1', ...rest }
}

/** Allows `x-` keys in every map that lists its keys or restricts their names. */
function freeKeys(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(freeKeys)
  if (typeof node !== 'object' || node === null) return node
  const copy: Json = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, freeKeys(value)]))
  if (copy.type !== 'object') return copy
  if (copy.additionalProperties === false) return { ...copy, patternProperties: FREE_KEYS }
  if (copy.propertyNames === undefined) return copy
  return {
    ...copy,
    propertyNames: { anyOf: [{ pattern: '^x-' }, copy.propertyNames] },
    patternProperties: FREE_KEYS,
  }
}
