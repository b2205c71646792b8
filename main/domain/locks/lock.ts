/** One thing to hold: paths of the repository by a glob, or something git cannot see by its name. */
export interface Lock {
  readonly kind: 'files' | 'resource'
  /** A glob, or a name like `database_schema`, `port:5432`, `env:staging`. */
  readonly on: string
  /** Shared ones go together; an exclusive one goes with none. */
  readonly mode: 'exclusive' | 'shared'
  /** Who asks for it waits behind everybody who asked before, however urgent it is (`write_queue: FIFO`). */
  readonly fifo?: boolean | undefined
  /** Its holder writes though others do, too (`max_agents_per_file` above 1). */
  readonly writes?: boolean | undefined
}

export function sameLock(a: Lock, b: Lock): boolean {
  return a.kind === b.kind && a.on === b.on && a.mode === b.mode
}

/** The same thing, in the same mode or a stronger one. */
export function covers(held: Lock, wanted: Lock): boolean {
  const strong = held.mode === 'exclusive' || wanted.mode === 'shared'
  return held.kind === wanted.kind && held.on === wanted.on && strong
}

/** For people: `src/api/**`, `package.json (shared)`. */
export function lockWords({ on, mode }: Lock): string {
  return mode === 'shared' ? `${on} (shared)` : on
}
