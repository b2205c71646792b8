import type { ArtifactStore, Manifest, ManifestFile } from './artifacts.ts'
import { contentOf, sizeOf } from './blobs.ts'
import type { CutRecord } from './cut.ts'
import { eachOf } from './files.ts'
import { followLink } from './links.ts'
import { pathProblem } from './names.ts'
import { modeOf, type Refusal } from './survey.ts'
import type { Found } from './walk.ts'

export interface Collected {
  /** Content hash of the manifest; null when there is nothing to hand on. */
  readonly manifest: string | null
  readonly refused: readonly Refusal[]
}

export interface ArtifactLimits {
  /** A larger git-ignored file is not handed on, bytes. */
  readonly maxArtifactBytes: number
  /** All artifacts of one attempt, bytes. */
  readonly maxArtifactTotalBytes: number
}

/** Stores git-ignored files by content and a manifest of them. The same files give the same manifest. */
export async function collectArtifacts(
  store: ArtifactStore,
  work: string,
  files: readonly Found[],
  record: CutRecord,
  limits: ArtifactLimits,
): Promise<Collected> {
  const links = new Map(record.links)
  for (const found of files) if (found.target !== null) links.set(found.path, found.target)
  const refused: Refusal[] = []
  const listed: ManifestFile[] = []
  let total = 0
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const taken = sorted.filter((found) => {
    const problem = artifactProblem(found, links, limits, total)
    if (problem === undefined) total += sizeOf(found)
    else refused.push({ path: found.path, reason: problem })
    return problem === undefined
  })
  await eachOf(taken, 8, async (found) => {
    const content = await contentOf(work, found)
    if (content === undefined) return void refused.push({ path: found.path, reason: 'cannot be read' })
    const sha256 = await store.put(content)
    listed.push({
      path: found.path,
      mode: modeOf(found) as ManifestFile['mode'],
      size: sizeOf(found),
      sha256,
    })
  })
  if (listed.length === 0) return { manifest: null, refused }
  const manifest: Manifest = { version: 1, files: listed.sort((a, b) => (a.path < b.path ? -1 : 1)) }
  return { manifest: await store.put([Buffer.from(JSON.stringify(manifest))]), refused }
}

function artifactProblem(
  found: Found,
  links: ReadonlyMap<string, string>,
  limits: ArtifactLimits,
  total: number,
): string | undefined {
  const problem = pathProblem(found.path)
  if (problem !== undefined) return problem
  if (found.target !== null && followLink(found.path, links) === 'outside') return 'link leaves the workspace'
  if (sizeOf(found) > limits.maxArtifactBytes) return `artifact larger than ${limits.maxArtifactBytes} bytes`
  if (total + sizeOf(found) > limits.maxArtifactTotalBytes) {
    return `artifacts of more than ${limits.maxArtifactTotalBytes} bytes in all`
  }
  return undefined
}
