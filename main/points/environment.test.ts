import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changedFiles, keepFiles, putFiles } from './environment.ts'

let folder: string
let root: string
let kept: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-env-'))
  root = join(folder, 'repo')
  kept = join(folder, 'kept')
  mkdirSync(join(root, 'config'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

test('files are kept by content, readable by nobody else, and put back with their rights', async () => {
  writeFileSync(join(root, '.env'), 'SECRET=1\n')
  writeFileSync(join(root, 'config/b.env'), 'B\n')
  chmodSync(join(root, '.env'), 0o640)
  const files = await keepFiles(root, ['.env', 'config/b.env', 'missing.env'], kept)
  expect(files.map(({ path, mode }) => [path, mode & 0o777])).toEqual([
    ['.env', 0o640],
    ['config/b.env', statSync(join(root, 'config/b.env')).mode & 0o777],
  ])
  for (const { hash } of files) expect(statSync(join(kept, hash)).mode & 0o077).toBe(0)
  writeFileSync(join(root, '.env'), 'SECRET=2\n')
  rmSync(join(root, 'config/b.env'))
  const hashes = Object.fromEntries(files.map(({ path, hash }) => [path, hash]))
  expect(await changedFiles(root, hashes)).toEqual(['.env', 'config/b.env'])
  expect(await putFiles(root, files, kept)).toEqual(['.env', 'config/b.env'])
  expect([readFileSync(join(root, '.env'), 'utf8'), statSync(join(root, '.env')).mode & 0o777]).toEqual([
    'SECRET=1\n',
    0o640,
  ])
  expect(await putFiles(root, files, kept)).toEqual([])
})

test('what stands beside a file under the name of its draft gets nothing of it', async () => {
  writeFileSync(join(root, '.env'), 'SECRET=1\n', { mode: 0o600 })
  const files = await keepFiles(root, ['.env'], kept)
  writeFileSync(join(root, '.env'), 'SECRET=2\n')
  writeFileSync(join(root, 'page.html'), 'for all', { mode: 0o644 })
  symlinkSync('page.html', join(root, '.env.new'))
  expect(await putFiles(root, files, kept)).toEqual(['.env'])
  expect(readFileSync(join(root, 'page.html'), 'utf8')).toBe('for all')
  expect([lstatSync(join(root, '.env')).isFile(), statSync(join(root, '.env')).mode & 0o777]).toEqual([
    true,
    0o600,
  ])
})

test('links, what lies outside, and altered copies are refused by name', async () => {
  writeFileSync(join(folder, 'outside'), 'x')
  symlinkSync(join(folder, 'outside'), join(root, 'link.env'))
  symlinkSync(folder, join(root, 'out'))
  await expect(keepFiles(root, ['link.env'], kept)).rejects.toThrow('link.env is a link')
  await expect(keepFiles(root, ['out/outside'], kept)).rejects.toThrow('is behind a link')
  await expect(keepFiles(root, ['../outside'], kept)).rejects.toThrow('is outside of the repository')
  await expect(keepFiles(root, ['config'], kept)).rejects.toThrow('is no file')
  writeFileSync(join(root, '.env'), '1')
  const files = await keepFiles(root, ['.env'], kept)
  writeFileSync(join(kept, files[0]!.hash), '2')
  writeFileSync(join(root, '.env'), 'now')
  await expect(putFiles(root, files, kept)).rejects.toThrow('missing or was altered')
  expect(readFileSync(join(root, '.env'), 'utf8')).toBe('now')
})
