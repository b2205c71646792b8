import { expect, test } from 'vitest'
import { commitId } from '../domain/ids.ts'
import { createPointCommits } from './pointCommits.ts'
import { git, makeCommit, makeWorld } from './testHelpers.ts'

test('lists the commits between two points from the hub, those taken back too, and no more than a hundred', async () => {
  using world = makeWorld()
  const commits = createPointCommits(world)
  const { project, root } = world.run
  const keep = async (key: string): Promise<ReturnType<typeof commitId>> =>
    (await commits.keepHead({ project, root, key }))!.commit
  makeCommit(world.root, { a: '1\n' })
  const first = await keep('one')
  for (let n = 0; n < 3; n++) makeCommit(world.root, { a: `${n} more\n` })
  const second = await keep('two')
  git(world.root, 'reset', '-q', '--hard', first)
  makeCommit(world.root, { b: 'other\n' })
  const third = await keep('three')

  const forward = (await commits.between({ project, from: first, to: second }))!
  expect(forward.counts).toEqual({ added: 3, gone: 0 })
  expect(forward.added[0]).toMatchObject({ commit: second, subject: expect.any(String) })
  const turned = (await commits.between({ project, from: second, to: third }))!
  expect(turned).toMatchObject({ counts: { added: 1, gone: 3 }, added: [{ commit: third }] })
  expect(turned.gone.map(({ commit }) => commit)).toContain(second)
  expect(await commits.between({ project, from: second, to: second })).toMatchObject({ added: [], gone: [] })
  expect(await commits.between({ project, from: first, to: commitId('f'.repeat(40)) })).toBeNull()
})
