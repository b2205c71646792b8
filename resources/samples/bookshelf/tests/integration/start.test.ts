import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildApi } from '../../scripts/lib/buildApi.ts'
import { scratchFolder } from '../../scripts/lib/files.ts'

function startWith(env: Record<string, string>): { code: number | null; said: string } {
  using scratch = scratchFolder()
  buildApi(join(scratch.path, 'api'))
  const main = join(scratch.path, 'api', 'main.js')
  const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8', timeout: 10_000 })
  return { code: status, said: stderr }
}

test('does not start on a database that was not migrated', () => {
  const { code, said } = startWith({ DATABASE: ':memory:' })
  assert.equal(code, 1)
  assert.match(said, /at schema 0, this build needs \d+: migrate first/)
})

test('says which setting is missing', () => {
  const { code, said } = startWith({})
  assert.equal(code, 1)
  assert.match(said, /set DATABASE/)
})
