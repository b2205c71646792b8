import { expect, test } from 'vitest'
import { stateToJson } from '../../../main/domain/serialise.ts'
import { Driver } from '../../../main/domain/testing/driver.ts'
import { plan } from '../../../main/domain/testing/plan.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../../../main/domain/testing/world.ts'
import type {
  AmphitheatreBridge,
  MessageName,
  Messages,
  RequestName,
  Requests,
} from '../../../preload/contract.ts'
import { RequestError } from '../bridge/requestError.ts'
import { followEngine, type LiveStore } from './live.ts'

/** An engine by the real rules behind a carrier that loses things. */
class LossyBridge implements AmphitheatreBridge {
  readonly driver: Driver
  connected = true
  snapshots = 0
  readonly #listeners = new Map<MessageName, Set<(message: never) => void>>()
  readonly #streams = new Map<number, number>()

  constructor(driver: Driver) {
    this.driver = driver
  }

  async request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']> {
    await Promise.resolve()
    if (!this.connected) throw new RequestError({ name: 'EngineLost', message: 'lost', kind: 'lost' })
    return this.#answer(name, args as never) as Requests[K]['result']
  }

  #answer(name: RequestName, args: { stream: number; from: number; after: number; limit: number }): unknown {
    switch (name) {
      case 'snapshot':
        this.snapshots += 1
        return structuredClone(stateToJson(this.driver.state))
      case 'follow':
        this.#streams.set(args.stream, args.from)
        return null
      case 'close':
        this.#streams.delete(args.stream)
        return null
      case 'history':
        return this.driver.log.filter(({ seq }) => seq > args.after).slice(0, args.limit)
      default:
        return null
    }
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(listener as (message: never) => void))
    return () => all.delete(listener as (message: never) => void)
  }

  post<K extends MessageName>(name: K, message: Messages[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(message as never)
  }

  /** Sends what each stream has not seen; `lose` leaves an event out and goes on after it. */
  pump(lose: (seq: number) => boolean = () => false): void {
    if (!this.connected) return
    for (const [stream, from] of this.#streams) {
      const due = this.driver.log.filter(({ seq }) => seq > from)
      if (due.length === 0) continue
      this.#streams.set(stream, due.at(-1)!.seq)
      this.post('events', { stream, events: due.filter(({ seq }) => !lose(seq)) })
    }
  }

  drop(): void {
    this.connected = false
    this.#streams.clear()
    this.post('connection', { status: 'lost', reason: 'gone', remedy: '' })
  }

  comeBack(): void {
    this.connected = true
    this.post('connection', { status: 'connected', enginePid: 1 })
  }

  endStreams(): void {
    for (const stream of this.#streams.keys())
      this.post('ended', { stream, error: { name: 'E', message: 'e' } })
    this.#streams.clear()
  }

  get open(): number {
    return this.#streams.size
  }
}

function running(): Driver {
  return Driver.running(
    plan(
      [
        ['a', 'b: a', 'c'],
        ['d', 'e: d', 'f', 'g'],
        ['h', 'i: h'],
      ],
      { all: { retry: 2 } },
    ),
  )
}

const seen = (live: LiveStore) => {
  const { state } = live.getState()
  return state === undefined ? undefined : stateToJson(state)
}

/** Lets promises and due frames run; nothing here waits for time but the follower's own retry. */
async function settle(bridge: LossyBridge, frames: (() => void)[]): Promise<void> {
  for (let round = 0; round < 12; round++) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    bridge.pump()
    for (const frame of frames.splice(0)) frame()
  }
}

test('a page that follows has the engine’s state', async () => {
  const bridge = new LossyBridge(running())
  const frames: (() => void)[] = []
  const live = followEngine(bridge, (callback) => frames.push(callback))
  bridge.comeBack()
  const world = new World(bridge.driver, randomFrom(1))
  world.settle()
  await settle(bridge, frames)
  expect(seen(live)).toEqual(stateToJson(bridge.driver.state))
  expect(bridge.open).toBe(1)
  live.stop()
  await settle(bridge, frames)
  expect(bridge.open).toBe(0)
})

test('many events make one state a frame', async () => {
  const bridge = new LossyBridge(running())
  const frames: (() => void)[] = []
  const live = followEngine(bridge, (callback) => frames.push(callback))
  bridge.comeBack()
  await settle(bridge, frames)
  let states = 0
  live.subscribe(() => states++)
  const world = new World(bridge.driver, randomFrom(2))
  for (let step = 0; step < 20; step++) {
    world.step()
    bridge.pump()
  }
  expect(states).toBe(0)
  expect(frames).toHaveLength(1)
  frames.splice(0)[0]!()
  expect(states).toBe(1)
  live.stop()
})

test('500 times lost, ended, killed or with events missing: the state comes to equal the engine’s', async () => {
  const random = randomFrom(15)
  const frames: (() => void)[] = []
  let driver = running()
  let bridge = new LossyBridge(driver)
  let live = followEngine(bridge, (callback) => frames.push(callback))
  bridge.comeBack()
  for (let round = 0; round < 500; round++) {
    if (round % 40 === 39) {
      // The plan is through: the next one, in a page that starts anew.
      live.stop()
      driver = running()
      bridge = new LossyBridge(driver)
      live = followEngine(bridge, (callback) => frames.push(callback))
      bridge.comeBack()
    }
    const world = new World(driver, random, MUCH_TROUBLE)
    const steps = 1 + Math.floor(random() * 6)
    const kind = Math.floor(random() * 4)
    for (let step = 0; step < steps; step++) {
      world.step()
      if (kind === 0) bridge.pump((seq) => seq % 3 === 0)
      else if (random() < 0.5) bridge.pump()
      if (random() < 0.5) for (const frame of frames.splice(0)) frame()
    }
    if (kind === 1) {
      bridge.drop()
      world.step()
      bridge.comeBack()
    }
    if (kind === 2) {
      // The page is loaded anew: nothing is left but what it asks for.
      live.stop()
      live = followEngine(bridge, (callback) => frames.push(callback))
      bridge.comeBack()
    }
    if (kind === 3) {
      bridge.endStreams()
      // Opened again after the follower's own pause, or at once when the connection is told anew.
      bridge.comeBack()
    }
    driver.send({ type: 'schedule' })
    await settle(bridge, frames)
    // Lost at the very end, nothing that comes after tells of it.
    await live.verify()
    await live.verify()
    await settle(bridge, frames)
    expect(seen(live)).toEqual(stateToJson(driver.state))
  }
  live.stop()
})

test('a log that is another engine’s is taken over by a snapshot', async () => {
  const bridge = new LossyBridge(running())
  const frames: (() => void)[] = []
  const live = followEngine(bridge, (callback) => frames.push(callback))
  bridge.comeBack()
  new World(bridge.driver, randomFrom(3)).settle()
  await settle(bridge, frames)
  bridge.drop()
  const other = new LossyBridge(running())
  Object.assign(bridge, { driver: other.driver })
  bridge.comeBack()
  await settle(bridge, frames)
  expect(seen(live)).toEqual(stateToJson(other.driver.state))
  live.stop()
})

test('a state of another shape says that the page is outdated', async () => {
  const bridge = new LossyBridge(running())
  const request = bridge.request.bind(bridge)
  bridge.request = (async (name: RequestName, args: never) => {
    const result = await request(name, args)
    return name === 'snapshot' ? { ...(result as object), shape: 999 } : result
  }) as AmphitheatreBridge['request']
  const live = followEngine(bridge, (callback) => callback())
  await settle(bridge, [])
  expect(live.getState()).toMatchObject({ outdated: true, state: undefined })
  live.stop()
})
