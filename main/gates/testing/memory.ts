import { createHash } from 'node:crypto'
import type { Condition, Measured } from '../../domain/gates/gate.ts'
import { commitId, projectId, runId } from '../../domain/ids.ts'
import { matchesGlob } from '../../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../../domain/locks/glob/parseGlob.ts'
import type { FoundFiles, ReadFilesRequest, StoredArtifact } from '../../engine/ports/workspaces.ts'
import { createGateReader, READ_LIMITS, type ReadLimits } from '../gateReader.ts'

/** A commit with these files, by their paths. */
export type Files = Readonly<Record<string, string | Uint8Array>>

async function filesOf(files: Files, request: ReadFilesRequest): Promise<FoundFiles> {
  const globs = request.globs.map((glob) => parseGlob(glob))
  const found = Object.entries(files)
    .filter(([path]) => globs.some((glob) => matchesGlob(glob, path)))
    .map(([path, content]) => ({ path, bytes: Buffer.from(content).length, content: Buffer.from(content) }))
  const { content } = request
  return {
    files: found.slice(0, request.maxFiles).map((file) => ({
      ...file,
      content: content === null || file.bytes > content.maxFileBytes ? null : file.content,
    })),
    more: Math.max(0, found.length - request.maxFiles),
  }
}

async function hashOf(_: unknown, data: AsyncIterable<Uint8Array>): Promise<StoredArtifact> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const part of data) {
    hash.update(part)
    bytes += part.length
  }
  return { hash: hash.digest('hex'), bytes }
}

type Readable = Exclude<Condition, { kind: 'command' | 'approval' }>

/** What is found where the condition looks. */
export function measure(
  files: Files,
  condition: Readable,
  limits: ReadLimits = READ_LIMITS,
): Promise<Measured> {
  const reader = createGateReader(
    { readFiles: (request) => filesOf(files, request), putArtifact: hashOf },
    limits,
  )
  return reader.measure({
    project: projectId('p'),
    run: runId('r'),
    root: '/',
    commit: commitId('c'.repeat(40)),
    artifacts: [],
    since: null,
    condition,
  })
}

export const junit = (reports = '**/*.xml'): Readable => ({
  kind: 'junit',
  title: '',
  reports: [reports],
  minTests: 1,
  mayDrop: null,
})
export const coverage = (format: 'lcov' | 'cobertura'): Readable => ({
  kind: 'coverage',
  title: '',
  format,
  reports: ['**'],
  floors: { lines: 1 },
  mayDrop: null,
})
export const findings = (kind: 'sarif' | 'trivy'): Readable => ({
  kind,
  title: '',
  reports: ['**'],
  failOn: 'high',
})

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')
