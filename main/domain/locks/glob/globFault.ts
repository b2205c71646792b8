import { parseGlob } from './parseGlob.ts'

/** Globs and paths that people and agents write stay in the repository, on every system, whatever they would match. */

/** What is wrong with a path relative to the repository root, or undefined. */
export function pathFault(path: string): string | undefined {
  const quoted = JSON.stringify(path)
  if (path.trim() === '') return 'a path must not be empty'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return `${quoted} holds a control character`
  if (path.includes('\\')) return `${quoted} holds a backslash: write "/" between folders`
  if (/^[A-Za-z]:/.test(path)) return leaves(quoted, 'it starts with a drive letter')
  if (path.startsWith('~')) return leaves(quoted, '"~" is the home folder')
  if (path.startsWith('/')) return leaves(quoted, 'it is absolute')
  const steps = path.split('/')
  if (steps.includes('..')) return leaves(quoted, 'it holds ".."')
  if (steps.some((step) => /^\.git$/i.test(step))) return `${quoted} is git's own folder: leave it to git`
  return undefined
}

/** The same for a glob, in which alternatives (`{a,../b}`) hide paths as well. */
export function globFault(glob: string): string | undefined {
  const plain = pathFault(glob)
  if (plain !== undefined) return plain.replace('a path', 'a glob')
  const quoted = JSON.stringify(glob)
  if (glob.startsWith('!'))
    return `${quoted} starts with "!": list what is meant, exclusions are not supported`
  if (/[{(,|]\s*(\/|[A-Za-z]:\/)/.test(glob)) return leaves(quoted, 'an alternative in it is absolute')
  const pieces = glob.split(/[/{}(),|]/)
  if (pieces.includes('..')) return leaves(quoted, 'it holds ".."')
  if (pieces.some((piece) => /^\.git$/i.test(piece))) return `${quoted} is git's own folder: leave it to git`
  try {
    parseGlob(glob)
  } catch (error) {
    return (error as RangeError).message
  }
  return undefined
}

function leaves(quoted: string, why: string): string {
  return `${quoted} leaves the repository: ${why}. Write it relative to the repository root`
}
