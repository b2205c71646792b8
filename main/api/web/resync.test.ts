import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { runId } from '../../domain/ids.ts'
import { type StateJson, stateToJson } from '../../domain/serialise.ts'
import type { State } from '../../domain/state.ts'
import { Driver } from '../../domain/testing/driver.ts'
import { plan } from '../../domain/testing/plan.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../../domain/testing/world.ts'
import { eventually } from '../pages/testing/eventually.ts'
import { FakeLink } from '../pages/testing/fakeLink.ts'
import { driverCenter } from './testing/driverCenter.ts'
import { enter, openBridge, parts, WebFixture } from './testing/webFixture.ts'

/** The pages' own follower. By name only: it is compiled for browsers, with types that are not known here. */
const LIVE = '../../../renderer/src/state/live.ts'
interface Live {
  followEngine(
    bridge: AmphitheatreBridge,
    clock: (callback: () => void) => void,
  ): { getState(): { readonly state: State | undefined }; stop(): void }
}

let fixture: WebFixture
beforeEach(() => {
  fixture = new WebFixture()
})
afterEach(() => fixture.remove())

const LINES = Array.from({ length: 60 }, (_, i) => (i < 6 ? `t${i}` : `t${i}: t${i - 6} t${i - 5}`))
const PLAN = plan([LINES], { all: { retry: 3 } })

test('after 500 broken connections the page’s state is the engine’s', async () => {
  const { followEngine } = (await import(LIVE)) as Live
  const random = randomFrom(15)
  const driver = Driver.running(PLAN)
  const world = new World(driver, random, MUCH_TROUBLE)
  let center = driverCenter(driver)
  const link = new FakeLink(center)
  const server = await fixture.serve({ ...parts(), link })
  const bridge = openBridge(server, await enter(server))
  const live = followEngine(bridge, (callback) => setImmediate(callback))
  const json = (): StateJson | undefined => {
    const { state } = live.getState()
    return state === undefined ? undefined : stateToJson(state)
  }
  let broken = 0
  let engines = 1
  while (broken < 500) {
    for (let steps = Math.floor(random() * 6); steps > 0; steps--) {
      if (!world.step()) {
        driver.start(PLAN, runId(`r-${driver.log.length}`))
      }
    }
    center.publish()
    // Sometimes before the page is connected, has its snapshot, or has heard of anything.
    for (let turns = Math.floor(random() * 8); turns > 0; turns--) await turn()
    const socket = bridge.sockets.at(-1)!
    if (socket.readyState === socket.CLOSED) bridge.wake()
    if (socket.readyState > socket.OPEN) continue
    socket.terminate()
    broken += 1
    if (broken % 100 === 0) {
      // Another engine on the same log, as after a crash.
      link.lose('The engine has stopped.', 'It is being started again.')
      center = driverCenter(driver)
      link.connect(center, ++engines)
    }
  }
  await eventually(() => expect(live.getState().state?.seq).toBe(driver.state.seq))
  expect(json()).toEqual(stateToJson(driver.state))
  // And it goes on from there.
  driver.advance(1)
  world.step()
  center.publish()
  await eventually(() => expect(json()).toEqual(stateToJson(driver.state)))
  live.stop()
  bridge.close()
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
