import type { DatabaseSnapshot } from '../domain/points/point.ts'
import { hashFile } from './files.ts'
import { PointError } from './pointError.ts'
import type { Work } from './postgres/dump.ts'
import type { Measure } from './postgres/measure.ts'

/** What is kept of a database and put back, whatever kind it is of. Every call may be repeated. */
export interface DatabaseKeeper {
  /** Writes a snapshot; on the disk when it resolves. */
  dump(file: string, work: Work): Promise<Dumped>
  /** Rows there are now, by table; null where that is not known. */
  count(signal: AbortSignal): Promise<Readonly<Record<string, number>> | null>
  /** Restores it beside the present one and compares; nothing that is in use changes. */
  scratch(request: Restoring, work: Work): Promise<void>
  dropScratch(request: Restoring, signal: AbortSignal): Promise<void>
  /** What `scratch` restored becomes the present one. Resolves to where the one before is kept; null for nowhere. */
  swap(request: Restoring, work: Work): Promise<string | null>
  /**
   * After a swap that was not brought to its end: everything is as it was before, or (true) the present one is another
   * all the same, or may be.
   */
  undoSwap(request: Restoring, signal: AbortSignal): Promise<boolean>
  /** What swaps have kept and nobody has dropped since, in no order. */
  aside(signal: AbortSignal): Promise<readonly Aside[]>
  /** Drops one of those, and nothing else. Done already, it changes nothing. */
  dropAside(name: string, signal: AbortSignal): Promise<void>
}

/** A database that gave its place to a restored one. */
export interface Aside {
  readonly name: string
  readonly bytes: number
  /** Wall clock, ms: when it was put aside; null where that was not written down. */
  readonly at: number | null
  /** Of the run that put it aside. */
  readonly mark: string
}

export interface Dumped {
  readonly snapshot: DatabaseSnapshot
  readonly measure: Measure | null
  /** What `aside` answers, where it was seen on the way. */
  readonly aside?: readonly Aside[]
}

export interface Restoring {
  readonly file: string
  readonly snapshot: DatabaseSnapshot
  readonly measure: Measure | null
  /** Of who restores: stays the same when it is done again. */
  readonly mark: string
  /** Wall clock, ms. */
  readonly at: number
}

/** A dump that is not what was written then is not restored at all: not even into a scratch place. */
export async function checkFile({ file, snapshot }: Pick<Restoring, 'file' | 'snapshot'>): Promise<void> {
  const found = await hashFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const words =
    found === undefined
      ? 'is missing'
      : found.bytes !== snapshot.bytes
        ? `has ${found.bytes} bytes and not ${snapshot.bytes}`
        : found.hash !== snapshot.hash
          ? 'was altered'
          : undefined
  if (words === undefined) return
  throw new PointError(
    `The snapshot of ${snapshot.name} ${words}.`,
    'Go back to another point, or bring it back from its copy.',
  )
}
