import { matchesGlob } from '../main/domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../main/domain/locks/glob/parseGlob.ts'
import type { SetAside, SetAsideRequest, WatchRequest, WorkspaceWatch } from '../main/engine/ports/strays.ts'
import type { Outside } from './faults.ts'
import type { Life } from './turns.ts'
import { count, namedCommit, type SimulatedWorld } from './world.ts'

/** The file agents write that may not write it. */
export const STRAY = 'stray.txt'

export function mayWrite(writes: readonly string[]): boolean {
  return writes.some((glob) => matchesGlob(parseGlob(glob), STRAY))
}

/** Sees the file some time after it was written, once, or after the watch began. */
export function watchStrays(
  world: SimulatedWorld,
  { turns, random }: Outside,
  life: Life,
  { attempt, writes, found }: WatchRequest,
): WorkspaceWatch {
  let closed = false
  let told = false
  const look = (): void => {
    turns.add(life, random.int(20, 200), () => {
      if (closed || told || !world.strays.has(attempt) || mayWrite(writes())) return
      told = true
      found([STRAY])
    })
  }
  const watchers = world.strayWatchers.get(attempt) ?? new Set()
  world.strayWatchers.set(attempt, watchers.add(look))
  if (world.strays.has(attempt)) look()
  return {
    again: () => {
      told = false
      look()
    },
    close: () => {
      closed = true
      watchers.delete(look)
    },
  }
}

export function setAside(world: SimulatedWorld, request: SetAsideRequest): SetAside {
  const { attempt, count: n, writes, restore } = request
  const key = `${attempt} ${n}`
  const isStray = world.strays.has(attempt) && !mayWrite(writes)
  if (!world.asides.has(key) && !isStray) return { commit: null, patch: null, paths: [], left: [] }
  if (!world.asides.has(key)) count(world.asides, key)
  if (restore) world.strays.delete(attempt)
  const commit = namedCommit(`aside ${n} ${attempt}`)
  return { commit, patch: 'f'.repeat(64), paths: [STRAY], left: [] }
}
