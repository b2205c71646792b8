import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LocalClient } from '../localClient.ts'
import { fakeCenter } from '../testing/fakeCenter.ts'
import { BEAT_MS, clientEngine, SILENCE_MS } from './clientEngine.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A client whose engine answers what `runs` does. */
function clientOf(runs: LocalClient['runs']): LocalClient & { readonly closed: () => boolean } {
  let end = (): void => undefined
  let closed = false
  const gone = new Promise<void>((resolve) => {
    end = resolve
  })
  const close = (): void => {
    closed = true
    end()
  }
  return { ...fakeCenter(), runs, pid: 7, gone, close, closed: () => closed }
}

test('one that answers, with whatever, stays', async () => {
  const client = clientOf(() => Promise.reject(new Error('disk full')))
  const engine = clientEngine(client)
  await vi.advanceTimersByTimeAsync(5 * SILENCE_MS)
  expect(client.closed()).toBe(false)
  await engine.close()
  expect(client.closed()).toBe(true)
})

test('one that hangs is gone after a while', async () => {
  const client = clientOf(() => new Promise(() => undefined))
  const engine = clientEngine(client)
  const gone = vi.fn()
  void engine.gone.then(gone)
  await vi.advanceTimersByTimeAsync(BEAT_MS + SILENCE_MS - 1)
  expect(gone).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2)
  expect(gone).toHaveBeenCalled()
})
