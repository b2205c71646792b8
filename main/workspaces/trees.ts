import { breathe } from './files.ts'
import type { Hub } from './hub.ts'

export interface TreeEntry {
  readonly mode: string
  readonly id: string
  readonly path: string
}

export const MODE = { file: '100644', executable: '100755', link: '120000', gitlink: '160000' } as const

/** Every entry of a commit's tree that is not a folder. Gives way to other work every few thousand entries. */
export async function listTree(hub: Hub, commit: string): Promise<TreeEntry[]> {
  const out = await hub.git({ args: ['ls-tree', '-r', '-z', '--full-tree', commit] })
  const entries: TreeEntry[] = []
  let start = 0
  for (let end = out.stdout.indexOf(0, start); end !== -1; end = out.stdout.indexOf(0, start)) {
    // `<mode> <type> <id>\t<path>`
    const line = out.stdout.toString('utf8', start, end)
    const tab = line.indexOf('\t')
    const [mode, , id] = line.slice(0, tab).split(' ')
    entries.push({ mode: mode!, id: id!, path: line.slice(tab + 1) })
    start = end + 1
    if (entries.length % 4000 === 0) await breathe()
  }
  return entries
}

/** The bytes of blobs by id, in one git process. For small ones: links, ignore rules. */
export async function readBlobs(hub: Hub, ids: Iterable<string>): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(ids)]
  const found = new Map<string, Buffer>()
  if (wanted.length === 0) return found
  const { stdout } = await hub.git({ args: ['cat-file', '--batch'], input: `${wanted.join('\n')}\n` })
  let at = 0
  for (const id of wanted) {
    const end = stdout.indexOf(10, at)
    const size = Number(/ blob (\d+)$/.exec(stdout.toString('utf8', at, end))?.[1])
    if (!Number.isInteger(size)) throw new Error(`blob ${id} is missing in ${hub.gitDir}`)
    found.set(id, stdout.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return found
}

/** Path and target of every symbolic link among the entries. */
export async function linksOf(hub: Hub, entries: readonly TreeEntry[]): Promise<Map<string, string>> {
  const links = entries.filter((entry) => entry.mode === MODE.link)
  const blobs = await readBlobs(
    hub,
    links.map((link) => link.id),
  )
  return new Map(links.map((link) => [link.path, blobs.get(link.id)!.toString('utf8')]))
}
