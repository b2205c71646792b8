import { expect, test, vi } from 'vitest'
import { SharedWork } from './sharedWork.ts'

test('the same work is done once at a time, other work beside it, and again later', async () => {
  const shared = new SharedWork()
  const work = vi.fn(async () => ({}))
  const [first, second, other] = await Promise.all([
    shared.do('a', work),
    shared.do('a', work),
    shared.do('b', work),
  ])
  expect(first).toBe(second)
  expect(other).not.toBe(first)
  expect(work).toHaveBeenCalledTimes(2)
  await shared.do('a', work)
  expect(work).toHaveBeenCalledTimes(3)
})

test('all hear of a failure, and it is not kept', async () => {
  const shared = new SharedWork()
  const fail = (): Promise<never> => Promise.reject(new Error('no'))
  const results = await Promise.allSettled([shared.do('a', fail), shared.do('a', fail)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared.do('a', async () => 1)).toBe(1)
})
