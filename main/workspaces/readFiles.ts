import { readFile } from 'node:fs/promises'
import { matchesGlob } from '../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'
import type { FoundFile, FoundFiles, ReadFilesRequest } from '../engine/ports/workspaces.ts'
import type { ArtifactStore } from './artifacts.ts'
import { permanent } from './errors.ts'
import { breathe } from './files.ts'
import { type Hub, hasCommit } from './hub.ts'
import { listTree, MODE, readBlobs } from './trees.ts'

/** Where a file's content is: a blob of the hub, or a stored artifact. */
interface Source {
  readonly path: string
  readonly bytes: number
  read(): Promise<Uint8Array>
}

export async function readFiles(
  hub: Hub,
  store: ArtifactStore,
  request: ReadFilesRequest,
): Promise<FoundFiles> {
  if (!(await hasCommit(hub, request.commit)))
    throw permanent(`commit ${request.commit} is not in the project's hub`, 'Start the run anew.')
  const globs = request.globs.map((glob) => parseGlob(glob))
  const matches = (path: string): boolean => globs.some((glob) => matchesGlob(glob, path))
  const found = new Map<string, Source>()
  for (const source of await stored(store, request.artifacts, matches)) found.set(source.path, source)
  const { fresh, older } = await committed(hub, request, matches)
  for (const source of fresh) found.set(source.path, source)
  const sources = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const files: FoundFile[] = []
  let left = request.content?.maxTotalBytes ?? 0
  for (const source of sources.slice(0, request.maxFiles)) {
    const { path, bytes } = source
    const isRead = request.content !== null && bytes <= request.content.maxFileBytes && bytes <= left
    if (isRead) left -= bytes
    files.push({ path, bytes, content: isRead ? await source.read() : null })
    await breathe()
  }
  return { files, more: sources.length - files.length, ...(older === undefined ? {} : { older }) }
}

async function stored(
  store: ArtifactStore,
  manifests: readonly string[],
  matches: (path: string) => boolean,
): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const manifest of manifests) {
    for (const { path, size, mode, sha256 } of (await store.readManifest(manifest)).files) {
      if (mode === MODE.link || !matches(path)) continue
      sources.push({ path, bytes: size, read: () => readFile(store.pathOf(sha256)) })
    }
  }
  return sources
}

async function committed(
  hub: Hub,
  { commit, since = null }: Pick<ReadFilesRequest, 'commit' | 'since'>,
  matches: (path: string) => boolean,
): Promise<{ readonly fresh: readonly Source[]; readonly older: string | undefined }> {
  const all = (await listTree(hub, commit)).filter(
    ({ path, mode }) => (mode === MODE.file || mode === MODE.executable) && matches(path),
  )
  const before =
    since === null || all.length === 0
      ? new Map<string, string>()
      : new Map((await listTree(hub, since)).map(({ path, id }) => [path, id] as const))
  const entries = all.filter(({ path, id }) => before.get(path) !== id)
  const sizes = await sizesOf(
    hub,
    entries.map(({ id }) => id),
  )
  const fresh = entries.map(({ path, id }) => ({
    path,
    bytes: sizes.get(id)!,
    read: async () => (await readBlobs(hub, [id])).get(id)!,
  }))
  return { fresh, older: all.find(({ path, id }) => before.get(path) === id)?.path }
}

async function sizesOf(hub: Hub, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map()
  const input = `${[...new Set(ids)].join('\n')}\n`
  const { stdout } = await hub.git({ args: ['cat-file', '--batch-check=%(objectname) %(objectsize)'], input })
  const lines = stdout.toString('utf8').trimEnd().split('\n')
  return new Map(
    lines.map((line) => {
      const [id, size] = line.split(' ')
      if (!/^\d+$/.test(size ?? '')) throw new Error(`blob ${id} is missing in ${hub.gitDir}`)
      return [id!, Number(size)] as const
    }),
  )
}
