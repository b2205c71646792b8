import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReadFilesRequest } from '../engine/ports/workspaces.ts'
import { doTask, makeCommit, makeWorld, type World, writeFiles } from './testHelpers.ts'

const CONTENT = { maxFileBytes: 1_000, maxTotalBytes: 2_000 }

/** One task commits `kept.xml`, hands on reports that git ignores, and leaves links. */
async function made(world: World): Promise<Pick<ReadFilesRequest, 'commit' | 'artifacts'>> {
  makeCommit(world.root, { '.gitignore': 'reports/\n', 'README.md': 'x' })
  const { commit, artifacts } = await doTask(world, 'one', (work) => {
    writeFiles(work, {
      'kept.xml': 'committed',
      'reports/a.xml': 'handed on',
      'reports/big.xml': 'x'.repeat(1_500),
    })
    symlinkSync('kept.xml', join(work, 'link.xml'))
    symlinkSync('a.xml', join(work, 'reports/link.xml'))
  })
  // What changes in a workspace afterwards is nobody's report.
  writeFileSync(join(world.dataDir, 'x.xml'), 'elsewhere')
  return { commit: commit!, artifacts: [artifacts!] }
}

async function read(
  world: World,
  request: Partial<ReadFilesRequest> & Pick<ReadFilesRequest, 'commit' | 'artifacts'>,
) {
  const { files, more } = await world.workspaces.readFiles({
    ...world.run,
    globs: ['**/*.xml'],
    content: CONTENT,
    maxFiles: 10,
    ...request,
  })
  const text = (content: Uint8Array | null) => (content === null ? null : Buffer.from(content).toString())
  return { files: files.map(({ path, bytes, content }) => [path, bytes, text(content)]), more }
}

test('what is committed and what was handed on; links are no files, large ones are named only', async () => {
  using world = makeWorld()
  const at = await made(world)
  expect(await read(world, at)).toEqual({
    files: [
      ['kept.xml', 9, 'committed'],
      ['reports/a.xml', 9, 'handed on'],
      ['reports/big.xml', 1_500, null],
    ],
    more: 0,
  })
  expect(await read(world, { ...at, artifacts: [] })).toEqual({
    files: [['kept.xml', 9, 'committed']],
    more: 0,
  })
})

test('only names where no content is wanted, and no more than wanted', async () => {
  using world = makeWorld()
  const at = await made(world)
  expect(await read(world, { ...at, content: null, maxFiles: 1 })).toEqual({
    files: [['kept.xml', 9, null]],
    more: 2,
  })
  const { files } = await read(world, { ...at, content: { maxFileBytes: 5_000, maxTotalBytes: 20 } })
  expect(files.map(([, , text]) => text)).toEqual(['committed', 'handed on', null])
})

test('a commit that is not there is told', async () => {
  using world = makeWorld()
  const at = await made(world)
  await expect(read(world, { ...at, commit: 'e'.repeat(40) as never })).rejects.toThrow(
    /is not in the project's hub/,
  )
})

test('what was there before, just so, is left out and named; what a task wrote anew is not', async () => {
  using world = makeWorld()
  const since = makeCommit(world.root, {
    '.gitignore': 'reports/\n',
    'old.xml': 'before',
    'again.xml': 'before',
  })
  const { commit, artifacts } = await doTask(world, 'one', (work) =>
    writeFiles(work, { 'again.xml': 'anew', 'reports/a.xml': 'handed on' }),
  )
  const request = { ...world.run, commit: commit!, artifacts: [artifacts!], content: CONTENT, maxFiles: 10 }
  const found = await world.workspaces.readFiles({ ...request, globs: ['**/*.xml'], since: since as never })
  expect(found).toMatchObject({ files: [{ path: 'again.xml' }, { path: 'reports/a.xml' }], older: 'old.xml' })
  expect(await world.workspaces.readFiles({ ...request, globs: ['old.xml'], since: since as never })).toEqual(
    {
      files: [],
      more: 0,
      older: 'old.xml',
    },
  )
})
