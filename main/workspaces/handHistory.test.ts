import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git, makeCommit, makeWorld, writeFiles } from './testHelpers.ts'

test('who committed a file by hand is read from the checkouts, and marks from the files as they are', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'src/a.ts': '1\n', 'src/b.ts': '1\n', 'docs/c.md': '1\n' })
  const first = makeCommit(world.root, { 'src/a.ts': '2\n', 'docs/c.md': '2\n' })
  const linked = join(world.folder, 'linked')
  git(world.root, 'worktree', 'add', '-q', linked)
  const second = makeCommit(linked, { 'src/a.ts': '3\n', 'src/b.ts': '3\n' })
  writeFiles(linked, { 'src/b.ts': '1\n<<<<<<< HEAD\n3\n=======\n2\n>>>>>>> main\n' })
  const works = [
    { agent: 'agent-1', folder: join(world.root, 'src'), commit: first },
    { agent: 'agent-2', folder: linked, commit: second },
    { agent: 'agent-3', folder: world.root, commit: null },
  ]
  expect(await world.workspaces.handHistory(works, ['src/*.ts'])).toEqual([
    { path: 'src/a.ts', agents: ['agent-1', 'agent-2'], marked: false },
    { path: 'src/b.ts', agents: ['agent-2'], marked: true },
  ])
  const gone = [{ agent: 'agent-1', folder: join(world.folder, 'none'), commit: null }]
  await expect(world.workspaces.handHistory(gone, ['**'])).rejects.toThrow(/none/)
})
