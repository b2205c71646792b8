import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSame, loadSecrets } from './secrets.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-secrets-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a token is made once, for this user only, and all follows from it', () => {
  const first = loadSecrets(dir)
  expect(loadSecrets(dir)).toEqual(first)
  expect(new Set(Object.values(first)).size).toBe(3)
  for (const secret of Object.values(first)) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(readdirSync(dir)).toEqual(['serve.token'])
  expect(statSync(join(dir, 'serve.token')).mode & 0o777).toBe(0o600)
  rmSync(join(dir, 'serve.token'))
  expect(loadSecrets(dir).token).not.toBe(first.token)
})

test('a mask that lets everybody read changes nothing', () => {
  const before = process.umask(0)
  try {
    loadSecrets(dir)
    expect(statSync(join(dir, 'serve.token')).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

test('processes that start at once agree on one token', async () => {
  const script = `import { loadSecrets } from ${JSON.stringify(join(import.meta.dirname, 'secrets.ts'))}
    process.stdout.write(loadSecrets(${JSON.stringify(dir)}).token)`
  const tokens = await Promise.all(Array.from({ length: 4 }, () => output(script)))
  expect(tokens[0]).toHaveLength(43)
  expect(new Set(tokens).size).toBe(1)
  expect(readdirSync(dir)).toEqual(['serve.token'])
})

function output(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', () => resolve(text))
  })
}

/** Only root may become another user. */
const canBeAnother = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0

test.runIf(canBeAnother)('another user of the machine cannot read it, even in a folder open to all', () => {
  const { token } = loadSecrets(dir)
  chmodSync(dir, 0o755)
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups']
  const read = spawnSync('setpriv', [...nobody, 'cat', join(dir, 'serve.token')], { encoding: 'utf8' })
  expect(read.status).not.toBe(0)
  expect(read.stderr).toMatch(/Permission denied/)
  expect(read.stdout).not.toContain(token)
  const write = spawnSync('setpriv', [...nobody, 'sh', '-c', `echo x > ${join(dir, 'serve.token')}`])
  expect(write.status).not.toBe(0)
  expect(loadSecrets(dir).token).toBe(token)
})

test.skipIf(process.platform === 'win32')('a pipe in its place keeps nobody waiting', () => {
  spawnSync('mkfifo', ['-m', '600', join(dir, 'serve.token')])
  expect(() => loadSecrets(dir)).toThrow(/serve\.token is not a file/)
})

test('secrets are compared to their end', () => {
  const { token } = loadSecrets(dir)
  expect(isSame(token, token)).toBe(true)
  const wrong = [
    undefined,
    '',
    token.slice(0, -1),
    `${token}x`,
    `${token.slice(0, -1)}~`,
    token.toLowerCase(),
  ]
  for (const given of wrong) expect(isSame(given, token)).toBe(false)
})
