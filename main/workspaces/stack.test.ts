import { expect, test } from 'vitest'
import { type CommitId, taskId } from '../domain/ids.ts'
import type { StackItem } from '../engine/ports/workspaces.ts'
import { doTask, git, makeCommit, makeWorld, mergeTask, show, type World } from './testHelpers.ts'

const tipRef = ({ run }: World): string => `refs/amphitheatre/runs/${run.run}/tip`
const tipOf = (world: World): string => git(world.hub, 'rev-parse', tipRef(world))

async function item(world: World, task: string, files: Record<string, string>): Promise<StackItem> {
  const { commit } = await doTask(world, task, files)
  return { task: taskId(task), commit: commit!, message: `Merge ${task}`, time: 1_700_000_002_000 }
}

async function stacked(world: World, items: readonly StackItem[]): Promise<{ from: CommitId; to: CommitId }> {
  const result = await world.workspaces.stack({ ...world.run, items })
  if (result.status !== 'stacked') throw new Error(`conflict at ${result.item}`)
  return { from: result.from, to: result.to }
}

test('commits are merged one after the other in memory; the branch and all refs stay where they are', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'base.txt': 'base\n' })
  const items = [await item(world, 'a', { 'a.txt': 'a\n' }), await item(world, 'b', { 'b.txt': 'b\n' })]
  const refs = git(world.hub, 'for-each-ref')
  const first = await stacked(world, items)
  expect(git(world.hub, 'for-each-ref')).toBe(refs)
  expect(first.from).toBe(tipOf(world))
  expect([show(world, first.to, 'a.txt'), show(world, first.to, 'b.txt')]).toEqual(['a', 'b'])
  // Asked again, a crash later, it is the same commit.
  expect(await stacked(world, items)).toEqual(first)
  expect(await stacked(world, [])).toEqual({ from: first.from, to: first.from })
  const alone = await stacked(world, items.slice(1))
  expect(alone.to).not.toBe(first.to)
})

test('the first that does not fit is named; who comes before and after it fits', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'x.txt': 'base\n' })
  const items = [
    await item(world, 'a', { 'a.txt': 'a\n' }),
    await item(world, 'b', { 'x.txt': 'b\n' }),
    await item(world, 'c', { 'x.txt': 'c\n' }),
    await item(world, 'd', { 'd.txt': 'd\n' }),
  ]
  const result = await world.workspaces.stack({ ...world.run, items })
  expect(result).toEqual({ status: 'conflict', item: 2, files: ['x.txt'] })
  await stacked(world, [items[0]!, items[1]!, items[3]!])
})

test('what was checked becomes the branch, once, with a way back for each task', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'base.txt': 'base\n' })
  const items = [await item(world, 'a', { 'a.txt': 'a\n' }), await item(world, 'b', { 'b.txt': 'b\n' })]
  const { from, to } = await stacked(world, items)
  const request = { ...world.run, items, from, to }
  await world.workspaces.advance(request)
  await world.workspaces.advance(request)
  expect(tipOf(world)).toBe(to)
  const before = (task: string, commit: string): string =>
    git(world.hub, 'rev-parse', `refs/amphitheatre/runs/${world.run.run}/before/${task}/${commit}`)
  expect(before('a', items[0]!.commit)).toBe(from)
  expect(show(world, before('b', items[1]!.commit), 'a.txt')).toBe('a')
  expect(() => show(world, before('b', items[1]!.commit), 'b.txt')).toThrow()
  // Merged already, it is part of what it would be put on.
  expect(await stacked(world, items)).toEqual({ from: to, to })
  await world.workspaces.advance({ ...world.run, items, from: to, to })
})

test('a branch that moved meanwhile is left where it is', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'base.txt': 'base\n' })
  const items = [await item(world, 'a', { 'a.txt': 'a\n' })]
  const { from, to } = await stacked(world, items)
  const { commit } = await doTask(world, 'other', { 'other.txt': 'o\n' })
  await mergeTask(world, 'other', commit!)
  const tip = tipOf(world)
  await expect(world.workspaces.advance({ ...world.run, items, from, to })).rejects.toThrow('was moved')
  expect(tipOf(world)).toBe(tip)
})

test('only what was checked becomes the branch', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'base.txt': 'base\n' })
  const items = [await item(world, 'a', { 'a.txt': 'a\n' }), await item(world, 'b', { 'b.txt': 'b\n' })]
  const { from, to } = await stacked(world, items)
  const fewer = { ...world.run, items: items.slice(1), from, to }
  await expect(world.workspaces.advance(fewer)).rejects.toThrow('is not what was checked')
  expect(tipOf(world)).toBe(from)
})
