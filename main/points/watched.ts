import { whileAnswering } from '../targets/docker/liveness.ts'
import type { DockerPlace } from '../targets/docker/place.ts'
import type { DatabaseKeeper } from './keeper.ts'

/** The same, given up when the database says nothing any more: nobody waits hours for one that hangs. */
export function watched(place: DockerPlace, keeper: DatabaseKeeper): DatabaseKeeper {
  const watch = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    whileAnswering(place, signal, work)
  return {
    ...keeper,
    dump: (file, work) => watch(work.signal, (signal) => keeper.dump(file, { ...work, signal })),
    scratch: (request, work) => watch(work.signal, (signal) => keeper.scratch(request, { ...work, signal })),
    dropScratch: (request, end) => watch(end, (signal) => keeper.dropScratch(request, signal)),
    swap: (request, work) => watch(work.signal, (signal) => keeper.swap(request, { ...work, signal })),
    undoSwap: (request, end) => watch(end, (signal) => keeper.undoSwap(request, signal)),
  }
}
