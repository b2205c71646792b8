import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { startChild } from './testing/child.ts'
import type { LimitedStep } from './testing/limitedChild.ts'
import { tempFolder } from './testing/tempFolder.ts'

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
