import { useEffect } from 'react'
import { createStore, useStore } from 'zustand'
import type { AgentUsageNow, AmphitheatreBridge, EngineHealth, Vitals } from '../../../preload/contract.ts'
import { useBridge, useLive } from './session.tsx'

/** What is no part of the state: asked for while somebody looks, at a calm pace, ms. */
const HEALTH_MS = 5_000
const USAGE_MS = 2_000
const VITALS_MS = 3_000

interface Told {
  readonly health: EngineHealth | undefined
  readonly usage: ReadonlyMap<string, AgentUsageNow>
  readonly vitals: Vitals | undefined
}

const told = createStore<Told>(() => ({ health: undefined, usage: new Map(), vitals: undefined }))

/** Undefined until it is known. */
export function useHealth(): EngineHealth | undefined {
  usePolled(health)
  return useStore(told, (all) => all.health)
}

/** What the agents at work use, by attempt id. */
export function useUsage(): ReadonlyMap<string, AgentUsageNow> {
  usePolled(usage)
  return useStore(told, (all) => all.usage)
}

/** How agents and machine are doing; undefined until it is known. */
export function useVitals(): Vitals | undefined {
  usePolled(vitals)
  return useStore(told, (all) => all.vitals)
}

/** Asks once however many look; not while the window is hidden, and never twice at a time. */
class Poll {
  readonly #ms: number
  readonly #ask: (bridge: AmphitheatreBridge) => Promise<void>
  #lookers = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, ask: (bridge: AmphitheatreBridge) => Promise<void>) {
    this.#ms = ms
    this.#ask = ask
  }

  look(bridge: AmphitheatreBridge): () => void {
    this.#lookers += 1
    if (this.#lookers === 1) void this.#round(bridge)
    return () => {
      this.#lookers -= 1
      if (this.#lookers === 0) clearTimeout(this.#timer)
    }
  }

  async #round(bridge: AmphitheatreBridge): Promise<void> {
    clearTimeout(this.#timer)
    if (!document.hidden) await this.#ask(bridge).catch(() => undefined)
    clearTimeout(this.#timer)
    if (this.#lookers > 0) this.#timer = setTimeout(() => void this.#round(bridge), this.#ms)
  }
}

const health = new Poll(HEALTH_MS, async (bridge) => {
  told.setState({ health: await bridge.request('health', {}) })
})

const usage = new Poll(USAGE_MS, async (bridge) => {
  const list = await bridge.request('usage', {})
  told.setState({ usage: new Map(list.map((one) => [one.attempt, one])) })
})

const vitals = new Poll(VITALS_MS, async (bridge) => {
  told.setState({ vitals: await bridge.request('vitals', {}) })
})

function usePolled(poll: Poll): void {
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  useEffect(() => (connected ? poll.look(bridge) : undefined), [poll, bridge, connected])
}
