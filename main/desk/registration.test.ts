import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import { isCaseBlind, registration } from './registration.ts'

test('a disk that tells A from a is told from one that does not', () => {
  const root = mkdtempSync(join(tmpdir(), 'amphitheatre-case-'))
  try {
    mkdirSync(join(root, '.git'))
    // What this machine's disk does is what is said of it.
    const blind = isCaseBlind(root)
    expect(registration(projectId('p'), root, 'p').folded ?? false).toBe(blind)
    expect(isCaseBlind(root, (path) => path.toLowerCase() === join(root, '.git').toLowerCase())).toBe(true)
    expect(isCaseBlind(join(root, 'none'))).toBe(false)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
