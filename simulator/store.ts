import type { Batch, Store } from '../main/engine/ports/store.ts'
import { StoreError } from '../main/engine/ports/store.ts'
import { type Outside, outsideCall } from './faults.ts'
import type { Life } from './turns.ts'

/** A store as one life of the engine sees it. What `append` reports as failed may have taken place. */
export function simulatedStore(store: Store, outside: Outside, life: Life): Store {
  const read = async <T>(name: string, work: () => Promise<T>): Promise<T> =>
    await outsideCall(outside, life, `store.${name}`, null, work, unavailable)
  return {
    append: async (batch: Batch) =>
      await outsideCall(outside, life, 'store.append', batch, () => store.append(batch), uncertain),
    lastSeq: () => read('lastSeq', () => store.lastSeq()),
    read: (query) => read('read', () => store.read(query)),
    keyFrame: (seq) => read('keyFrame', () => store.keyFrame(seq)),
    writeKeyFrame: (frame) => read('writeKeyFrame', () => store.writeKeyFrame(frame)),
    outcome: (command) => read('outcome', () => store.outcome(command)),
    runs: (query) => store.runs(query),
    tasks: (run) => store.tasks(run),
    getMeta: (key) => read('getMeta', () => store.getMeta(key)),
    setMeta: (key, value) => read('setMeta', () => store.setMeta(key, value)),
    close: async () => undefined,
  }
}

function unavailable(name: string): StoreError {
  return new StoreError('unavailable', `${name} failed`, '')
}

function uncertain(name: string, tookPlace: boolean): StoreError {
  return new StoreError(tookPlace ? 'unknown' : 'unavailable', `${name} failed`, '')
}
