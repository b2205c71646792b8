import { globsOverlap } from '../domain/locks/glob/overlap.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'
import type { Lock } from '../domain/locks/lock.ts'
import { ownershipGlob } from '../domain/locks/ownership.ts'
import type { LockRule } from '../domain/locks/rules.ts'
import { SCHEMA } from '../domain/locks/taskLocks.ts'
import type { TaskKind } from '../domain/project.ts'
import { globFault } from './globs.ts'
import type { ProjectFile } from './schema/project.ts'

/** A resource with a dot, a slash or a star is a file; anything else is what git cannot see. */
export function lockPolicies(input: ProjectFile): readonly LockRule[] {
  return (input.conflict_resolution?.locks ?? []).map((lock) => {
    const glob = ownershipGlob(lock.resource)
    const isFile = glob !== undefined && globFault(glob) === undefined
    return {
      kind: isFile ? 'files' : 'resource',
      on: isFile ? glob : lock.resource,
      fifo: lock.write_queue === 'FIFO',
      sharedReads: lock.allow_concurrent_reads ?? true,
      leaseMs: lock.duration ?? null,
      notify: (lock.notify_on_change ?? []).map(toNotify),
    }
  })
}

/** `TestGuardian (re-run tests)`. */
function toNotify(text: string): LockRule['notify'][number] {
  const [, role, action] = /^(\S+)(?:\s+\((.+)\))?$/.exec(text.trim())!
  return { role: role!, action: action ?? null }
}

export interface Declared {
  readonly kind: TaskKind
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly uses: readonly Lock[]
}

/** What a task uses, with what the policies add to it. */
export function usesUnder(policies: readonly LockRule[], task: Declared): readonly Lock[] {
  const named = task.uses.map((lock) => {
    const policy = policies.find(({ kind, on }) => kind === lock.kind && on === lock.on)
    if (policy === undefined) return lock
    const mode = policy.sharedReads ? lock.mode : 'exclusive'
    return policy.fifo ? { ...lock, mode, fifo: true } : { ...lock, mode }
  })
  return [...named, ...policies.flatMap((policy) => implied(policy, task) ?? [])]
}

function implied(policy: LockRule, { kind, reads, writes, uses }: Declared): Lock | undefined {
  const lock = (mode: Lock['mode']): Lock => ({
    kind: policy.kind,
    on: policy.on,
    mode,
    ...(policy.fifo ? { fifo: true } : {}),
  })
  if (policy.kind === 'resource') {
    const isOpen = kind === 'migrate' && policy.on === SCHEMA && !uses.some(({ on }) => on === SCHEMA)
    return isOpen ? lock('exclusive') : undefined
  }
  const touches = (glob: string): boolean => globsOverlap(parseGlob(glob), parseGlob(policy.on))
  // A file without a policy of its own is held by the task's own globs already.
  if (writes.some(touches)) return policy.fifo ? lock('exclusive') : undefined
  if (!reads.some(touches)) return undefined
  return policy.sharedReads ? undefined : lock('exclusive')
}
