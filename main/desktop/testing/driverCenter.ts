import type { EngineLink, LinkStatus } from '../../api/pages/engineLink.ts'
import { fakeCenter } from '../../api/testing/fakeCenter.ts'
import { stateToJson } from '../../domain/serialise.ts'
import type { Driver } from '../../domain/testing/driver.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'

/** A control center on a driver's state: what the driver does is streamed, what is dispatched the driver does. */
export function driverCenter(driver: Driver): ControlCenter {
  const waiting = new Set<() => void>()
  driver.observers.push(() => {
    for (const wake of [...waiting]) wake()
  })
  return {
    ...fakeCenter(),
    dispatch: async ({ command }) => {
      const rejection = driver.send(command)
      return rejection === undefined ? { ok: true, seq: driver.state.seq } : { ok: false, ...rejection }
    },
    snapshot: async () => stateToJson(driver.state),
    async *events(from, signal) {
      for (let at = from; !signal.aborted; ) {
        const event = driver.log[at]
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            const wake = (): void => {
              waiting.delete(wake)
              resolve()
            }
            waiting.add(wake)
            signal.addEventListener('abort', wake, { once: true })
          })
        } else {
          at += 1
          yield event
        }
      }
    },
  }
}

/** A link whose engine goes and comes as the test says. */
export function fakeLink(center: ControlCenter): EngineLink & { set(status: LinkStatus): void } {
  const listeners = new Set<(status: LinkStatus) => void>()
  let status: LinkStatus = { status: 'connected', center, enginePid: 1 }
  return {
    get status() {
      return status
    },
    set(next) {
      status = next
      for (const listener of listeners) listener(next)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => undefined,
  }
}
