import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { placeSample } from './sample.ts'

let dir: string
let sample: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphitheatre-sample-'))
  sample = join(dir, 'sample')
  mkdirSync(sample)
  writeFileSync(join(sample, 'a.txt'), 'a\r\n')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const place = () => placeSample(join(dir, 'demo'), sample)
const git = (root: string, ...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })

test('an untouched copy is used again; one that was changed, or broke off, is left and a new one made', () => {
  const first = place()
  expect(git(first, 'log', '--format=%an %s').trim()).toBe('Amphitheatre The bookshelf')
  expect(git(first, 'show', 'HEAD:a.txt')).toBe('a\r\n')
  expect(place()).toBe(first)
  appendFileSync(join(first, 'a.txt'), 'mine')
  const second = place()
  expect(second).not.toBe(first)
  expect(place()).toBe(second)
  rmSync(join(second, '.git', 'HEAD'))
  const third = place()
  expect(readdirSync(join(dir, 'demo')).sort()).toEqual(['bookshelf', 'bookshelf-2', 'bookshelf-3'])
  writeFileSync(join(sample, 'b.txt'), 'b')
  expect(place()).not.toBe(third)
})

test('the person’s git settings have no part in it', () => {
  const config = join(dir, 'gitconfig')
  writeFileSync(
    config,
    '[commit]\n gpgsign = true\n[gpg]\n program = /nonexistent\n[core]\n autocrlf = true\n',
  )
  const before = { ...process.env }
  Object.assign(process.env, { GIT_CONFIG_GLOBAL: config, GIT_DIR: join(dir, 'elsewhere') })
  try {
    expect(place()).toBe(join(dir, 'demo', 'bookshelf'))
  } finally {
    process.env = before
  }
})
