import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeTree } from './files.ts'
import type { Hub } from './hub.ts'
import { MODE, readBlobs } from './trees.ts'

/**
 * Which of the paths git ignores, by the `.gitignore` files of a tree and nothing else. git stands in a folder of
 * the engine holding only those; the agent's files are never looked at, so a FIFO of that name cannot hang it
 * and rules the agent wrote do not count. A folder must be given with `/` at its end.
 */
export async function ignoredPaths(
  hub: Hub,
  tree: Iterable<readonly [path: string, entry: { readonly mode: string; readonly id: string }]>,
  paths: readonly string[],
  scratch: string,
): Promise<Set<string>> {
  if (paths.length === 0) return new Set()
  const rules = [...tree].filter(
    ([path, entry]) =>
      /(?:^|\/)\.gitignore$/.test(path) && (entry.mode === MODE.file || entry.mode === MODE.executable),
  )
  if (rules.length === 0) return new Set()
  const blobs = await readBlobs(
    hub,
    rules.map(([, entry]) => entry.id),
  )
  const folder = await mkdtemp(join(scratch, 'ignore-'))
  try {
    for (const [path, entry] of rules) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), blobs.get(entry.id)!)
    }
    const out = await hub.git({
      args: [`--work-tree=${folder}`, '-c', 'core.bare=false', 'check-ignore', '--no-index', '--stdin', '-z'],
      cwd: folder,
      // Magic in pathspecs is what check-ignore parses its input with; paths are made plain by the `./` before them.
      env: { GIT_LITERAL_PATHSPECS: '0' },
      input: paths.map((path) => `./${path}\0`).join(''),
      answers: [0, 1],
    })
    return new Set(
      out.stdout
        .toString('utf8')
        .split('\0')
        .filter(Boolean)
        .map((path) => path.replace(/^\.\//, '')),
    )
  } finally {
    await removeTree(folder)
  }
}
