/** Code points HFS+ ignores in names: `.g\u200cit` is `.git` there. From git's `utf8.c`. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i
const CONTROL = /\p{Cc}/u

/** The name some file system would make of it: HFS+ drops code points, NTFS what follows `:` and dots at the end. */
function folded(segment: string): string {
  return segment
    .replace(HFS_IGNORED, '')
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '')
    .toLowerCase()
}

/** Some file system takes this name for a repository's own folder. */
export function isGitFolder(segment: string): boolean {
  const name = folded(segment)
  return name === '.git' || name === 'git~1'
}

/** `.gitmodules`, also under the short names of NTFS. */
export function isGitModules(segment: string): boolean {
  const name = folded(segment)
  return name === '.gitmodules' || /^gitmod~[1-4]$/.test(name) || /^gi7eba~[0-9]$/.test(name)
}

/** Why a path new to the repository is refused, or undefined. It must be usable on every file system git is used on. */
export function pathProblem(path: string): string | undefined {
  for (const segment of path.split('/')) {
    const problem = segmentProblem(segment)
    if (problem !== undefined) return problem
  }
  return undefined
}

function segmentProblem(segment: string): string | undefined {
  if (segment === '' || segment === '.' || segment === '..') return 'not a plain path'
  if (isGitFolder(segment)) return "a name of git's own"
  if (CONTROL.test(segment)) return 'control characters in the name'
  if (segment.includes('\\')) return 'backslash in the name'
  if (segment.includes(':')) return 'colon in the name (a stream on Windows)'
  if (DEVICE.test(segment)) return 'the name of a device on Windows'
  if (/[. ]$/.test(segment)) return 'dot or space at the end of the name'
  return undefined
}

/** The key under which two paths that differ only in case or composition of letters meet. */
export function caseKey(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** For people: control characters and what is no text escaped, so that a name cannot forge a line. */
export function printable(name: string | Buffer): string {
  const value = typeof name === 'string' ? name : name.toString('latin1')
  const hidden = typeof name === 'string' ? /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu : /[^ -~]/g
  return value.replace(hidden, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The name as text; undefined where it is not UTF-8. */
export function decodeName(name: Buffer): string | undefined {
  const value = name.toString('utf8')
  return value.includes('\ufffd') && !Buffer.from(value, 'utf8').equals(name) ? undefined : value
}
