import type { EventEnvelope } from '../../main/domain/events.ts'
import type { Store } from '../../main/engine/ports/store.ts'

/** When a change of an agent was on disk, on the machine's clock, ms. */
export interface Committed {
  readonly task: number
  readonly mark: 'waiting' | 'running'
  readonly at: number
}

/** The machine's clock, the same for every process, ms. */
export function wallNow(): number {
  return performance.timeOrigin + performance.now()
}

/** The looks an event gives a working agent. */
export function markOf(event: EventEnvelope): Committed['mark'] | undefined {
  if (event.type === 'agent.pausing') return 'waiting'
  return event.type === 'agent.resuming' ? 'running' : undefined
}

/** Notes when each batch that paused or resumed agents had been appended, and how many events there were in all. */
export function timedStore(
  store: Store,
  appended: (events: readonly EventEnvelope[], at: number) => void,
): Store {
  return {
    append: async (batch) => {
      await store.append(batch)
      appended(batch.events, wallNow())
    },
    writeKeyFrame: (frame) => store.writeKeyFrame(frame),
    lastSeq: () => store.lastSeq(),
    read: (query) => store.read(query),
    keyFrame: (seq) => store.keyFrame(seq),
    outcome: (command) => store.outcome(command),
    runs: (query) => store.runs(query),
    tasks: (run) => store.tasks(run),
    getMeta: (key) => store.getMeta(key),
    setMeta: (key, value) => store.setMeta(key, value),
    close: () => store.close(),
  }
}

/** Calls `step` as often a second, however late its timer comes; each takes its own time. */
export async function atRate(
  perSecond: number,
  ms: number,
  step: (n: number) => Promise<void>,
): Promise<void> {
  const began = performance.now()
  const under: Promise<void>[] = []
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const passed = Math.min(ms, performance.now() - began)
      while (under.length < (passed / 1_000) * perSecond) under.push(step(under.length))
      if (passed < ms) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
  await Promise.all(under)
}
