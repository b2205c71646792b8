import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { MOST_PROBLEMS, type Path, type Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** The schema library's issues in our own words, with places and suggestions. */

/** An issue after `noteInput` has written on it what the library would throw away. */
interface Noted {
  readonly code: string
  readonly path: PropertyKey[]
  readonly message: string
  /** Set when the schema has no wording of its own for this. */
  readonly plain?: boolean
  readonly given?: unknown
  readonly allowed?: readonly string[]
  readonly expected?: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly origin?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly errors?: readonly (readonly Noted[])[]
  readonly issues?: readonly Noted[]
  readonly params?: { readonly suggestion?: string }
}

export type Checked<T> =
  | { readonly ok: true; readonly data: T; readonly problems: readonly [] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Checks the value at `path` of a source (the whole file by default) against a schema. */
export function check<T>(schema: z.ZodType<T>, value: unknown, source: Source, path: Path = []): Checked<T> {
  const result = schema.safeParse(value, { error: noteInput })
  if (result.success) return { ok: true, data: result.data, problems: [] }
  const issues = (result.error.issues as unknown as readonly Noted[]).slice(0, MOST_PROBLEMS + 1)
  return { ok: false, problems: issues.flatMap((issue) => explain(issue, path, source)) }
}

/** What is wrong with a value that stands in no file. */
export function complaints(
  schema: z.ZodType,
  value: unknown,
): readonly Pick<Problem, 'message' | 'suggestion'>[] {
  const result = schema.safeParse(value, { error: noteInput })
  if (result.success) return []
  const issues = result.error.issues as unknown as readonly Noted[]
  return issues.map((issue) => {
    const message = issue.plain === true ? `it ${describe(issue)}` : issue.message
    const suggestion = suggestionOf(issue)
    return suggestion === undefined ? { message } : { message, suggestion }
  })
}

/** Called for each issue whose schema has no message of its own. */
function noteInput(raw: object): string {
  const issue = raw as { input?: unknown; inst?: { _zod?: { def?: { shape?: object } } } }
  const shape = issue.inst?._zod?.def?.shape
  Object.assign(raw, { plain: true, given: issue.input })
  if (shape !== undefined) Object.assign(raw, { allowed: Object.keys(shape) })
  return 'invalid'
}

function explain(issue: Noted, prefix: Path, source: Source): readonly Problem[] {
  const path = [...prefix, ...(issue.path as (string | number)[])]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys!.map((key) => unknownKey(key, issue.allowed ?? [], path, source))
  }
  if (issue.code === 'invalid_key') {
    return (issue.issues ?? []).map((inner) =>
      source.problemAtKey(path, keyMessage(inner, path), suggestionOf(inner)),
    )
  }
  if (issue.code === 'invalid_union') {
    const branch = closest(issue.errors ?? [])
    if (branch !== undefined) return branch.flatMap((inner) => explain(inner, path, source))
  }
  const message = issue.plain === true ? `${label(path)} ${describe(issue)}` : issue.message
  return [source.problem(path, message, suggestionOf(issue))]
}

function unknownKey(key: string, allowed: readonly string[], path: Path, source: Source): Problem {
  const word = nearest(key, allowed)
  const list = word === undefined && allowed.length > 0 ? `; known here: ${allowed.join(', ')}` : ''
  return source.problemAtKey([...path, key], `unknown key "${key}"${list}`, word)
}

function keyMessage(issue: Noted, path: Path): string {
  if (issue.plain !== true) return issue.message
  return `"${path.at(-1)}" is not known here: ${describe(issue).replace('must be', 'it must be')}`
}

/** Of the alternatives of a union, the one that takes this kind of value, has most of its keys, and objects least. */
function closest(branches: readonly (readonly Noted[])[]): readonly Noted[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isKindMismatch))
  return fitting.toSorted((a, b) => strangeness(a) - strangeness(b) || a.length - b.length)[0]
}

/** How many keys of the value an alternative does not know, or misses. */
function strangeness(issues: readonly Noted[]): number {
  let keys = 0
  for (const { code, path, given, keys: unknown } of issues) {
    if (code === 'unrecognized_keys' && path.length === 0) keys += unknown!.length
    else if (path.length === 1 && given === undefined) keys += 1
  }
  return keys
}

function isKindMismatch(issue: Noted): boolean {
  return (
    issue.path.length === 0 &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_union') &&
    issue.plain === true
  )
}

function suggestionOf(issue: Noted): string | undefined {
  if (issue.params?.suggestion !== undefined) return issue.params.suggestion
  if (issue.code !== 'invalid_value' || typeof issue.given !== 'string') return undefined
  return nearest(issue.given, (issue.values ?? []).map(String))
}

function label(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last === 'string') return `"${last}"`
  const list = path.findLast((step) => typeof step === 'string')
  return list === undefined ? `item ${last + 1}` : `item ${last + 1} of "${list}"`
}

function describe(issue: Noted): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.given === undefined ? 'is missing' : `must be ${kind(issue.expected)}, ${not(issue)}`
    case 'invalid_union':
      if (issue.given === undefined) return `is missing: it must be ${expectations(issue).join(' or ')}`
      return `must be ${expectations(issue).join(' or ')}, ${not(issue)}`
    case 'invalid_value':
      if (issue.given === undefined) return `is missing: it must be ${listing(issue.values ?? [])}`
      return `must be ${listing(issue.values ?? [])}, ${not(issue)}`
    case 'too_small':
      return tooSmall(issue)
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} letters`
        : `must be at most ${issue.maximum}`
    default:
      return 'is not valid'
  }
}

function tooSmall(issue: Noted): string {
  if (issue.origin === 'string') return 'must not be empty'
  if (issue.origin === 'array') return 'must have at least one item'
  return `must be at least ${issue.minimum}`
}

function expectations(issue: Noted): readonly string[] {
  const all = (issue.errors ?? []).flatMap((branch) => branch.filter(isKindMismatch))
  return [
    ...new Set(
      all.flatMap((inner) => (inner.errors === undefined ? [kind(inner.expected)] : expectations(inner))),
    ),
  ]
}

function listing(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function kind(expected: string | undefined): string {
  return KINDS[expected ?? ''] ?? expected ?? 'something else'
}

function not(issue: Noted): string {
  const { given } = issue
  if (given === null || given === undefined) return 'but is empty'
  if (Array.isArray(given)) return 'not a list'
  if (typeof given === 'object') return 'not a map'
  if (issue.code === 'invalid_value') return `not ${JSON.stringify(given)}`
  if (typeof given === 'string') return 'not text'
  const quotes = issue.expected === 'string' ? ': put it in quotes' : ''
  if (typeof given === 'number') return issue.expected === 'int' ? `not ${given}` : `not a number${quotes}`
  return `not ${String(given)}${quotes}`
}
