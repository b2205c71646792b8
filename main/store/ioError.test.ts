import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startChild } from './testing/child.ts'
import type { LimitedStep } from './testing/limitedChild.ts'
import { tempFolder } from './testing/tempFolder.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

const STEPS = 40
const hasLimits = spawnSync('prlimit', ['--version']).status === 0

test.skipIf(!hasLimits)('an I/O error at each of the first writes (needs prlimit)', async () => {
  await using child = startChild('limitedChild.ts', tempFolder(), String(STEPS))
  const seen = new Set<string>()
  for (let i = 0; i < STEPS; i += 1) {
    const step = JSON.parse(await child.line()) as LimitedStep
    seen.add(step.kind)
    expect(['unknown', 'unavailable']).toContain(step.kind)
    expect(step.code).toMatch(/^SQLITE_(IOERR|FULL)/)
    // The batch that failed is there as a whole or not at all, and certainly not where that was said.
    const outcomes = [step.acknowledged]
    if (step.kind === 'unknown') outcomes.push(step.acknowledged + step.batch)
    expect(outcomes).toContain(step.lastSeqAfter)
    // What was once answered stays true.
    if (step.lastSeqDuring !== null) expect(step.lastSeqAfter).toBe(step.lastSeqDuring)
    expect(step.reopened).toEqual(Array.from({ length: step.lastSeqAfter + 1 }, (_, n) => n + 1))
    expect(step.complaints).toEqual([])
  }
  expect(await child.exit()).toBe(0)
  expect(seen).toContain('unknown')
})

describe.skipIf(!hasLimits)('after an I/O error (needs prlimit)', () => {
  test.each(['removed', 'replaced'])(
    'a file that was %s meanwhile is damage, never a new beginning',
    async (what) => {
      const folder = tempFolder()
      await using child = startChild('brokenChild.ts', join(folder, 'log.database'), what)
      expect(await child.line()).toBe('unknown')
      expect(await child.line()).toBe('corrupt')
      expect(await child.line()).toBe('corrupt')
      expect(await child.exit()).toBe(0)
      expect(existsSync(join(folder, 'log.database'))).toBe(what === 'replaced')
    },
  )
})
