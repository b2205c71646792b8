import { faultyStore } from '../../store/faultyStore.ts'
import { type MemoryDisk, openMemoryStore } from '../../store/memoryStore.ts'
import type { Store } from '../ports/store.ts'
import type { FaultPlan } from './faults.ts'
import { never, type SimProcess } from './process.ts'

/**
 * The store of one process on a disk that outlives it: a turn before each call and one after it, so that a crash
 * can fall between a commit and the answer to it.
 */
export function simStore(process: SimProcess, disk: MemoryDisk, faults: FaultPlan): Store {
  const inner = openMemoryStore(disk)
  const slow: Store = { ...bound(inner) }
  for (const name of ['append', 'writeKeyFrame', 'setMeta'] as const) {
    const call = slow[name] as (...args: unknown[]) => Promise<void>
    Object.assign(slow, {
      [name]: async (...args: unknown[]) => {
        await call(...args)
        if (!process.survives(`store.${name} after`)) return never()
        await process.pause(0)
      },
    })
  }
  return faultyStore(slow, {
    next: (call) => {
      const fault = faults.next(`store.${call}`)
      if (fault === 'before') return 'failBefore'
      if (fault === 'late') return 'unknownBefore'
      return fault === 'after' ? 'failAfter' : 'none'
    },
    pause: () => {
      if (!process.survives('store before')) return never()
      return process.pause(0)
    },
  })
}

function bound(store: Store): Store {
  return {
    append: (batch) => store.append(batch),
    lastSeq: () => store.lastSeq(),
    read: (query) => store.read(query),
    keyFrame: (seq) => store.keyFrame(seq),
    writeKeyFrame: (frame) => store.writeKeyFrame(frame),
    outcome: (command) => store.outcome(command),
    runs: (query) => store.runs(query),
    tasks: (run) => store.tasks(run),
    getMeta: (key) => store.getMeta(key),
    setMeta: (key, value) => store.setMeta(key, value),
    close: () => store.close(),
  }
}
