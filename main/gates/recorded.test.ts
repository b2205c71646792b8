import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Measured } from '../domain/gates/gate.ts'
import { findings, junit, measure } from './testing/memory.ts'

/**
 * Recorded output of Trivy, which is not kept here: its own tests' (https://github.com/aquasecurity/trivy,
 * `integration/testdata`, Apache-2.0). `AMPHITHEATRE_TRIVY_RECORDINGS` names that folder of a clone; without it the
 * reader is held to reports written by its format (readers.test.ts).
 */
const folder = process.env.AMPHITHEATRE_TRIVY_RECORDINGS
const recordings = (pattern: string): [string, string][] =>
  folder === undefined
    ? []
    : globSync(pattern, { cwd: folder })
        .toSorted()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')])

type Found = { readonly Severity?: string; readonly Status?: string }
type Scan = {
  readonly SchemaVersion?: number
  readonly Results?: readonly Readonly<Record<string, readonly Found[] | undefined>>[]
}

/** Counted another way than the reader does: by what is written in the text. */
function countsIn(scan: Scan): Record<string, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 }
  const found = (scan.Results ?? []).flatMap((result) => [
    ...(result['Vulnerabilities'] ?? []),
    ...(result['Misconfigurations'] ?? []).filter(({ Status }) => Status === 'FAIL'),
    ...(result['Secrets'] ?? []),
    ...(result['Licenses'] ?? []),
  ])
  for (const { Severity = 'UNKNOWN' } of found) {
    const name = Severity.toLowerCase()
    counts[(name === 'unknown' ? 'low' : name) as keyof typeof counts] += 1
  }
  return counts
}

describe.skipIf(folder === undefined)('recorded output of Trivy', () => {
  const scans = recordings('**/*.json.golden').filter(([, text]) => {
    const { SchemaVersion } = JSON.parse(text) as Scan
    return SchemaVersion === 2
  })

  test('there is some', () => expect(scans.length).toBeGreaterThan(10))

  test.each(scans)('%s', async (_, text) => {
    const { found } = (await measure({ 'trivy.json': text }, findings('trivy'))) as Measured
    expect(found).toMatchObject({ kind: 'findings', counts: countsIn(JSON.parse(text) as Scan) })
  })

  test.each(recordings('**/*.sarif.golden'))('%s', async (_, text) => {
    const { runs } = JSON.parse(text) as { runs: { results: unknown[] }[] }
    const { found } = (await measure({ 'trivy.sarif': text }, findings('sarif'))) as Measured
    const counts = Object.values((found as { readonly counts: Record<string, number> }).counts)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(runs.flatMap(({ results }) => results).length)
  })

  test.each(recordings('**/*.junit.golden'))('%s', async (_, text) => {
    const { found } = (await measure({ 'trivy.xml': text }, junit())) as Measured
    expect(found).toMatchObject({ kind: 'junit', failed: text.split('<failure').length - 1 })
  })
})
