import type { Batch, KeyFrame, Store } from '../../main/engine/ports/store.ts'

/** One commit of the store. */
export type Write =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'key-frame'; readonly frame: KeyFrame }

/** Keeps a reference to what is written, in order; costs the engine next to nothing. */
export function recordWrites(store: Store, into: Write[]): Store {
  return {
    append: (batch) => {
      into.push({ kind: 'batch', batch })
      return store.append(batch)
    },
    writeKeyFrame: (frame) => {
      into.push({ kind: 'key-frame', frame })
      return store.writeKeyFrame(frame)
    },
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
