import { expect, test } from 'vitest'
import type { MessageName, Messages } from '../../../preload/contract.ts'
import { type ElectronCarrier, electronBridge } from '../../../renderer/src/bridge/electronBridge.ts'
import { parts } from '../web/testing/webFixture.ts'
import { PageSession } from './pageSession.ts'
import { pagesContract } from './testing/pagesContract.ts'

pagesContract('a session without a carrier', async (parts) => {
  const listeners = new Map<MessageName, Set<(message: never) => void>>()
  const carrier: ElectronCarrier = {
    request: (name, args) => session.request(name, structuredClone(args)),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener as (message: never) => void))
      return () => set.delete(listener as (message: never) => void)
    },
  }
  const bridge = electronBridge(carrier)
  const session = new PageSession({
    ...parts,
    post: <K extends MessageName>(name: K, message: Messages[K]) => {
      const copy = structuredClone(message)
      for (const listener of listeners.get(name) ?? []) listener(copy as never)
    },
  })
  return { bridge, close: async () => session.close() }
})

test('what is wrong with a request is said in brief, however long the request', async () => {
  const session = new PageSession({ ...parts(), post: () => undefined })
  const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 1]))
  for (const reply of [await session.request('host', keys), await session.request('x'.repeat(1e6), {})]) {
    expect(reply.ok).toBe(false)
    expect(JSON.stringify(reply).length).toBeLessThan(2_000)
  }
  session.close()
})
