import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { preparePublicPackage } from './publicPackage/fetch.ts'
import { amphi, jsonLines } from './support/amphi.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { fingerprint } from './support/repository.ts'

let folder: string | undefined
afterEach(async () => {
  if (folder === undefined) return
  await removeLeftovers(join(folder, 'data'))
  rmSync(folder, { recursive: true, force: true })
  folder = undefined
})

test('three agents lint, test and build a public package as it is published', async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-public-'))
  const { root, epic } = await preparePublicPackage(folder)
  const data = join(folder, 'data')
  const before = fingerprint(root)
  const ran = await amphi(['run', epic, '--project', root, '--data', data, '--json'])
  expect(ran.code, ran.stderr + ran.stdout.slice(-3_000)).toBe(0)
  expect(jsonLines(ran.stdout).at(-1)).toMatchObject({
    status: 'completed',
    tasks: { total: 3, completed: 3 },
  })
  expect(fingerprint(root)).toBe(before)
  expect(await leftovers(data)).toEqual([])
}, 300_000)
