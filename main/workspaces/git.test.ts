import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toWorkspaceError } from './errors.ts'
import { createGit, GitError, text } from './git.ts'

/** A stand-in for git that does what the script says. */
function programme(script: string): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-git-'))
  const path = join(folder, 'git')
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

async function failed(promise: Promise<unknown>): Promise<GitError> {
  const error = await promise.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(GitError)
  return error as GitError
}

test('nothing of the engine’s environment reaches git, and it stands in /', async () => {
  using fake = programme('pwd; env')
  process.env.GIT_DIR = '/elsewhere'
  try {
    const out = text(await createGit(fake.path)({ args: ['x'], env: { GIT_INDEX_FILE: '/i' } })).split('\n')
    expect(out[0]).toBe('/')
    expect(out).toContain('GIT_INDEX_FILE=/i')
    expect(out).toContain('HOME=/nonexistent')
    expect(out.filter((line) => line.startsWith('GIT_DIR='))).toEqual([])
  } finally {
    delete process.env.GIT_DIR
  }
})

test('a git that hangs is ended with its helpers, one that talks without end too', async () => {
  using hanging = programme('sleep 1000 & sleep 1000')
  const slow = await failed(createGit(hanging.path)({ args: ['x'], timeoutMs: 50 }))
  expect(slow.reason).toBe('timeout')
  expect(toWorkspaceError(slow, 'doing')).toMatchObject({ kind: 'transient' })
  using loud = programme('yes')
  expect((await failed(createGit(loud.path)({ args: ['x'], maxOutputBytes: 1000 }))).reason).toBe('output')
})

test('failures say what git said; a missing git names the remedy', async () => {
  using bad = programme('echo "fatal: no way" >&2; exit 3')
  expect(await failed(createGit(bad.path)({ args: ['x'] }))).toMatchObject({
    code: 3,
    message: 'git x: fatal: no way',
  })
  expect((await createGit(bad.path)({ args: ['x'], answers: [0, 3] })).code).toBe(3)
  const missing = await failed(createGit('/nonexistent/git')({ args: ['x'] }))
  expect(toWorkspaceError(missing, 'doing')).toMatchObject({
    kind: 'permanent',
    remedy: expect.stringContaining('PATH'),
  })
  using full = programme('echo "fatal: write error: No space left on device" >&2; exit 128')
  const error = toWorkspaceError(await failed(createGit(full.path)({ args: ['x'] })), 'doing')
  expect(error).toMatchObject({ kind: 'disk-full', message: 'doing: the disk is full' })
})

test('input that fails is the caller’s failure; input nobody reads is not', async () => {
  using reading = programme('cat')
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    throw new Error('the source broke')
  }
  await expect(createGit(reading.path)({ args: ['x'], input: broken() })).rejects.toThrow('the source broke')
  using deaf = programme('exec 0<&-; echo ok')
  expect(text(await createGit(deaf.path)({ args: ['x'], input: Buffer.alloc(1_000_000) }))).toBe('ok')
})
