import { matchesGlob } from '../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'

/** The `writes` of a task: globs relative to the repository's root, taken as data; `!` in front takes paths out again. */
export interface WritePatterns {
  matches(path: string): boolean
  /** Can a path below this folder match? May say yes too often, never no too often. */
  mayMatchBelow(folder: string): boolean
  /** Does every path below this folder match? May say no too often, never yes too often. */
  coversBelow(folder: string): boolean
  /** May this path be committed although its kind never is unless it was named? */
  names(path: string): boolean
}

/** Kinds of files that are by-products: committed only where a pattern names the kind and does not just cover it. */
const BY_PRODUCT_FILE = /\.(?:log|db|sqlite)$|^\.env\.local$/
const AGENT_FOLDER = /^agent-./

export function isByProduct(path: string): boolean {
  const segments = path.split('/')
  return BY_PRODUCT_FILE.test(segments.at(-1)!) || segments.slice(0, -1).some((s) => AGENT_FOLDER.test(s))
}

export function compileWrites(writes: readonly string[]): WritePatterns {
  const left = writes.flatMap((glob) => (glob.startsWith('!') ? [glob.slice(1)] : []))
  const isLeftOut = leavingOut(left)
  const leftBelow = left.map((name) => `${fixedPrefix(name)}/`)
  const patterns = writes
    .filter((glob) => !glob.startsWith('!'))
    .map(normalise)
    .filter((pattern) => pattern !== '')
  const compiled = patterns.map((pattern) => ({
    matches: (path: string) => matchesGlob(parseGlob(pattern), path),
    fixed: fixedPrefix(pattern),
    specific: isSpecific(pattern.split('/').at(-1)!),
    namesAgentFolder: pattern.split('/').some((segment) => segment.startsWith('agent-')),
  }))
  const whole = patterns.filter(isWholeFolder).map(fixedPrefix)
  return {
    matches: (path) => !isLeftOut(path) && compiled.some((pattern) => pattern.matches(path)),
    mayMatchBelow: (folder) =>
      compiled.some(
        ({ fixed }) =>
          `${fixed}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(fixed === '' ? '' : `${fixed}/`),
      ),
    coversBelow: (folder) =>
      whole.some((top) => top === '' || `${folder}/`.startsWith(`${top}/`)) &&
      !leftBelow.some(
        (name) => name === '/' || name.startsWith(`${folder}/`) || `${folder}/`.startsWith(name),
      ),
    names: (path) => {
      const inAgentFolder = path
        .split('/')
        .slice(0, -1)
        .some((segment) => AGENT_FOLDER.test(segment))
      const byProductFile = BY_PRODUCT_FILE.test(path.split('/').at(-1)!)
      if (isLeftOut(path)) return false
      return compiled.some(
        (pattern) =>
          pattern.matches(path) &&
          (!inAgentFolder || pattern.namesAgentFolder) &&
          (!byProductFile || pattern.specific),
      )
    },
  }
}

/** `./src/` and `/src/` mean what `src/**` says. */
function normalise(pattern: string): string {
  const plain = pattern.replace(/^(?:\.?\/)+/, '')
  return plain.endsWith('/') ? `${plain}**` : plain
}

/** The folders a pattern begins with before anything in it can vary. */
function fixedPrefix(pattern: string): string {
  const segments = pattern.split('/')
  const first = segments.findIndex((segment) => /[*?[\]{}()!+@\\|]/.test(segment))
  return (first === -1 ? segments : segments.slice(0, first)).join('/')
}

/** `src/**`: everything below a folder that is named without a wildcard. */
function isWholeFolder(pattern: string): boolean {
  return pattern === '**' || (pattern.endsWith('/**') && fixedPrefix(pattern) === pattern.slice(0, -3))
}

/** `*.log` and `app.db` name something, `**`, `*` and `*.*` do not. */
function isSpecific(segment: string): boolean {
  return /[A-Za-z0-9_]/.test(segment)
}

function leavingOut(names: readonly string[]): (path: string) => boolean {
  if (names.length === 0) return () => false
  const exact = new Set(names)
  const globs = names.map((name) => parseGlob(name))
  return (path) => exact.has(path) || globs.some((glob) => matchesGlob(glob, path))
}
