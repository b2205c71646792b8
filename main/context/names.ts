import { createHash } from 'node:crypto'

/**
 * Names of components and agents are chosen by others and become folders: whatever they are, they stay below the
 * folder they belong in, and no two of them meet, not even on a disk that does not tell `API` from `api`.
 */

const LONGEST = 120
/** Names that are devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** One folder name for `name`; `reserved` are file names that lie beside it, in lower case. */
function folderName(name: string, reserved: readonly string[] = []): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/gu, (letter) => `~${letter.codePointAt(0)!.toString(16)}~`)
  const odd =
    plain === '' || plain.startsWith('.') || DEVICE.test(plain) || reserved.includes(plain.toLowerCase())
  const marked = `${odd ? '~' : ''}${plain}${plain.endsWith('.') ? '~' : ''}`
  if (marked.length <= LONGEST) return marked
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${marked.slice(0, LONGEST - 17)}~${hash}`
}

/** Hands out folders: the same for the same parent and key, never one for two. Who comes first keeps the plain name. */
export class Folders {
  readonly #given = new Map<string, string>()
  readonly #taken = new Set<string>()

  of(parent: string, key: string, name: string): string {
    const id = `${parent}\0${key}`
    const known = this.#given.get(id)
    if (known !== undefined) return known
    for (let n = 1; ; n++) {
      const path = n === 1 ? `${parent}/${name}` : `${parent}/${name}~${n}`
      if (this.#taken.has(path.toLowerCase())) continue
      this.#taken.add(path.toLowerCase())
      this.#given.set(id, path)
      return path
    }
  }
}

/** The folder of a component: one for each part of its name. */
export function componentFolder(folders: Folders, name: string, files: readonly string[]): string {
  return name
    .split('/')
    .reduce((parent, part) => folders.of(parent, part, folderName(part, files)), 'components')
}

/** `agent-004` for that id, `agent-Builder` for a role without one. */
export function agentFolder(
  folders: Folders,
  role: { readonly id: string | null; readonly name: string },
): string {
  const known = role.id ?? role.name
  const name = /^agent-/i.test(known) ? known : `agent-${known}`
  return folders.of('agents', `${role.id ?? ''}\0${role.name}`, folderName(name))
}
