import { LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { formatPath, type Path, type Problem } from './problems.ts'
import { MAX_FILE_BYTES, tooLarge } from './read.ts'
import { type Place, type PlaceMap, toPlain } from './yamlValues.ts'

/** A parsed file: plain values, and the way back from a path in them to a place in the text. */
export interface Source {
  readonly file: string
  /** Maps, lists, text, numbers, booleans and null. Keys that start with `x-` are gone. */
  readonly root: unknown
  /** At the value; where there is none at `path`, at the nearest thing around it. */
  problem(path: Path, message: string, suggestion?: string): Problem
  /** The same, at the key instead of the value. */
  problemAtKey(path: Path, message: string, suggestion?: string): Problem
  /** A scalar as it is written (`1.10`), or undefined for anything else. */
  written(path: Path): string | undefined
}

export type ParseResult =
  | { readonly ok: true; readonly source: Source; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** As many syntax errors as are shown: one mistake makes the parser stumble many times. */
const MOST_SYNTAX_ERRORS = 20

/**
 * Parses one YAML (or JSON) document. Never throws on bad input, and takes time linear in the text: anchors are
 * resolved in one pass, and what aliases expand to is bounded.
 * `ok` with problems: the values are there, but something (a duplicate key) is wrong as well.
 */
export function parseYaml(text: string, file: string): ParseResult {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_FILE_BYTES) return refused(file, [{ offset: 0, message: tooLarge(bytes) }], () => NOWHERE)
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = [...document.errors, ...document.warnings]
  if (syntax.length > 0) return refused(file, explain(syntax), at)
  const { value, places, faults } = toPlain(document.contents as Node | null)
  if (faults.some(({ fatal }) => fatal)) return refused(file, faults, at)
  const source = makeSource(file, value, places, at)
  return { ok: true, source, problems: refused(file, faults, at).problems }
}

interface Position {
  readonly line: number
  readonly column: number
}

const NOWHERE: Position = { line: 0, column: 0 }

interface Fault {
  readonly offset: number
  readonly message: string
}

function refused(
  file: string,
  faults: readonly Fault[],
  at: (offset: number) => Position,
): { ok: false; problems: readonly Problem[] } {
  return {
    ok: false,
    problems: faults.map(({ offset, message }) => ({ file, ...at(offset), path: '', message })),
  }
}

/** The first error of each kind at each place, in plain words where the parser's are not. */
function explain(errors: readonly YAMLError[]): readonly Fault[] {
  const faults = new Map<string, Fault>()
  for (const error of errors) {
    const message = plainMessage(error)
    const key = error.code === 'RESOURCE_EXHAUSTION' ? error.code : `${error.pos[0]} ${message}`
    if (!faults.has(key)) faults.set(key, { offset: error.pos[0], message })
    if (faults.size === MOST_SYNTAX_ERRORS) break
  }
  return [...faults.values()]
}

function plainMessage(error: YAMLError): string {
  const text = error.message.split('\n')[0]!
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return 'a second document starts here: keep one document in a file'
    case 'TAB_AS_INDENT':
      return 'a tab is used to indent: use spaces'
    case 'RESOURCE_EXHAUSTION':
      return 'this is nested too deeply'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second ": " in one line: put quotes around the value, or the nested keys on lines of their own'
    case 'BAD_SCALAR_START':
      return `${text.replace('Plain value', 'a value')}: put it in quotes`
    case 'TAG_RESOLVE_FAILED':
      return `${text.replace('Unresolved tag', 'unknown tag')}: tags are not used here`
    default:
      return `this is not valid YAML: ${text}`
  }
}

function makeSource(file: string, root: unknown, places: PlaceMap, at: (offset: number) => Position): Source {
  const find = (path: Path): Place | undefined => {
    let value = root
    let place = places.root
    for (const step of path) {
      if (typeof value !== 'object' || value === null) return place
      const inner = places.inside.get(value)?.get(step)
      if (inner === undefined) return place
      place = inner
      value = (value as Record<string | number, unknown>)[step]
    }
    return place
  }
  const make = (offset: number, path: Path, message: string, suggestion: string | undefined): Problem => ({
    file,
    ...at(offset),
    path: formatPath(path),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
  return {
    file,
    root,
    problem: (path, message, suggestion) => make(find(path)?.value ?? 0, path, message, suggestion),
    problemAtKey: (path, message, suggestion) => make(find(path)?.key ?? 0, path, message, suggestion),
    written: (path) => find(path)?.text,
  }
}
