import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeCenter } from '../testing/fakeCenter.ts'
import { type Engine, type EngineLink, keepEngine, type LinkStatus } from './engineLink.ts'

/** An engine whose end is in the test's hand. */
interface HandEngine extends Engine {
  end(): void
  readonly closed: () => boolean
}

function engine(pid: number): HandEngine {
  let end = (): void => undefined
  let closed = false
  const gone = new Promise<void>((resolve) => {
    end = resolve
  })
  return {
    center: fakeCenter(),
    pid,
    gone,
    end,
    closed: () => closed,
    close: async () => {
      closed = true
      end()
    },
  }
}

let link: EngineLink
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(async () => {
  await link.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function heard(of: EngineLink): string[] {
  const all: string[] = []
  of.onChange((status) => all.push(word(status)))
  return all
}
const word = (status: LinkStatus): string =>
  status.status === 'connected' ? `${status.enginePid}` : status.reason

test('an engine that goes is lost, and the next one takes its place', async () => {
  const engines = [engine(1), engine(2)]
  const open = vi.fn(async () => engines[open.mock.calls.length - 1]!)
  link = await keepEngine(open)
  expect(link.status).toMatchObject({ status: 'connected', enginePid: 1, center: engines[0]!.center })
  const all = heard(link)
  engines[0]!.end()
  await vi.advanceTimersByTimeAsync(0)
  expect(all).toEqual(['The engine has stopped.'])
  await vi.advanceTimersByTimeAsync(50)
  expect(all).toEqual(['The engine has stopped.', '2'])
})

test('why there is none is told once, with its remedy, and it is tried again ever more slowly', async () => {
  const next = engine(3)
  let fails = 6
  const at: number[] = []
  link = await keepEngine(async () => {
    at.push(Date.now())
    if (fails-- > 0) throw Object.assign(new Error('Another process holds it.'), { remedy: 'Wait.' })
    return next
  })
  expect(link.status).toEqual({ status: 'lost', reason: 'Another process holds it.', remedy: 'Wait.' })
  const all = heard(link)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(all).toEqual(['3'])
  expect(at.slice(1).map((time, i) => time - at[i]!)).toEqual([50, 100, 250, 500, 1_000, 2_000])
  // Once there was one, the next is looked for soon again.
  next.end()
  fails = 1
  await vi.advanceTimersByTimeAsync(150)
  expect(at).toHaveLength(9)
})

test('whoever stops listening hears no more', async () => {
  const only = engine(1)
  link = await keepEngine(async () => only)
  const listener = vi.fn()
  link.onChange(listener)()
  only.end()
  await vi.advanceTimersByTimeAsync(0)
  expect(listener).not.toHaveBeenCalled()
})

test('closing closes the engine, tells nobody and looks for no other', async () => {
  const only = engine(1)
  const open = vi.fn(async () => only)
  link = await keepEngine(open)
  const all = heard(link)
  await link.close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect([only.closed(), all, open.mock.calls.length]).toEqual([true, [], 1])
})

test('an engine that comes while closing is closed, too, before closing is done', async () => {
  const late = engine(2)
  let arrive = (_: Engine): void => undefined
  const engines = [Promise.resolve(engine(1)), new Promise<Engine>((resolve) => (arrive = resolve))]
  const open = vi.fn(() => engines[open.mock.calls.length - 1]!)
  link = await keepEngine(open)
  ;((await engines[0]) as HandEngine).end()
  await vi.advanceTimersByTimeAsync(50)
  const closing = link.close()
  arrive(late)
  await closing
  expect(late.closed()).toBe(true)
})
