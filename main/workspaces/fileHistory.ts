import { matchesGlob } from '../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'
import type { FileHistory, RunRef } from '../engine/ports/workspaces.ts'
import { permanent } from './errors.ts'
import { type Hub, readRef } from './hub.ts'
import { runRefs } from './layout.ts'

/** Looked into; what more was changed is left out. */
const MOST_FILES = 100

/** Which of these paths (or globs) the run's branch changed against its base, by whom, and whether it is unfinished. */
export async function fileHistory(
  hub: Hub,
  run: RunRef,
  paths: readonly string[],
): Promise<readonly FileHistory[]> {
  const refs = runRefs(run.run)
  const [base, tip] = [await readRef(hub, refs.base), await readRef(hub, refs.tip)]
  if (base === undefined || tip === undefined)
    throw permanent(`run ${run.run} has no branch in the hub`, 'It was discarded, or never started.')
  if (paths.length === 0) return []
  const diff = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', base, tip]
  const all = split(await hub.git({ args: diff }), '\0')
  const asked = new Set(paths)
  const globs = paths.map((path) => parseGlob(path))
  const isAsked = (path: string): boolean => asked.has(path) || globs.some((glob) => matchesGlob(glob, path))
  const changed = all.filter(isAsked).slice(0, MOST_FILES)
  if (changed.length === 0) return []
  const marked = await withMarkers(hub, tip, changed)
  const histories: FileHistory[] = []
  for (const path of changed) {
    const format = '--format=%(trailers:key=Agent,valueonly)'
    const args = ['log', '--no-merges', '--full-history', format, `${base}..${tip}`]
    const agents = split(await hub.git({ args: [...args, '--', path] }), '\n')
    histories.push({ path, agents: [...new Set(agents)].sort(), marked: marked.has(path) })
  }
  return histories
}

/** Files that still hold what git leaves where two changes met. */
async function withMarkers(hub: Hub, tip: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const marks = ['-e', '^<<<<<<< ', '-e', '^>>>>>>> ']
  const found = await hub.git({ args: ['grep', '-l', '-z', ...marks, tip, '--', ...paths], answers: [0, 1] })
  return new Set(split(found, '\0').map((line) => line.slice(tip.length + 1)))
}

function split({ stdout }: { readonly stdout: Buffer }, by: string): string[] {
  return stdout
    .toString('utf8')
    .split(by)
    .filter((part) => part.trim() !== '')
}
