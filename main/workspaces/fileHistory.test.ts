import { expect, test } from 'vitest'
import { doTask, makeCommit, makeWorld, mergeTask } from './testHelpers.ts'

test('who changed a file is read from the run’s branch', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'src/hops.py': 'a\nb\nc\nd\ne\nf\ng\n', 'src/malt.py': 'm\n', 'other.txt': 'x\n' })
  const one = await doTask(world, 'api', { 'src/hops.py': 'A\nb\nc\nd\ne\nf\ng\n' })
  await mergeTask(world, 'api', one.commit!)
  const two = await doTask(world, 'web', { 'src/hops.py': 'a\nb\nc\nd\ne\nf\nG\n', 'new [1].txt': 'n\n' })
  await mergeTask(world, 'web', two.commit!)
  const looked = await world.workspaces.fileHistory(world.run, ['src/*.py', 'other.txt'])
  expect(looked).toEqual([
    {
      path: 'src/hops.py',
      agents: [expect.stringMatching(/api#1$/), expect.stringMatching(/web#1$/)],
      marked: false,
    },
  ])
  expect(await world.workspaces.fileHistory(world.run, ['**'])).toHaveLength(2)
  expect(await world.workspaces.fileHistory(world.run, [])).toEqual([])
})

test('an unfinished merge is seen', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': 'a\n', 'b.txt': 'b\n' })
  const { commit } = await doTask(world, 'api', {
    'a.txt': '<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n',
    'b.txt': 'see <<<<<<< ours\n',
  })
  await mergeTask(world, 'api', commit!)
  const looked = await world.workspaces.fileHistory(world.run, ['**'])
  expect(looked.map(({ path, marked }) => [path, marked])).toEqual([
    ['a.txt', true],
    ['b.txt', false],
  ])
})
