import { asWritten, mergeTrees } from '../commits.ts'
import { GitError, records } from '../git.ts'
import type { Hub } from '../hub.ts'

export type Merged =
  | { readonly status: 'clean'; readonly tree: string }
  | { readonly status: 'conflict'; readonly files: readonly string[] }
  /** The two have no commit in common. */
  | { readonly status: 'unrelated' }

export type CommitPair = readonly [ours: string, theirs: string]

const BATCH_TIMEOUT_MS = 60_000

/**
 * Merges each pair of commits without a work tree, in one git process for all; answers in their order. What git writes
 * goes to the object store of `hub`; no ref is touched.
 */
export async function mergeBatch(hub: Hub, pairs: readonly CommitPair[]): Promise<readonly Merged[]> {
  if (pairs.length === 0) return []
  const args = ['merge-tree', '--write-tree', '--stdin', '-z', '--name-only', '--no-messages']
  const input = pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join('')
  try {
    const out = await hub.git({ args, input, timeoutMs: BATCH_TIMEOUT_MS })
    const parsed = parseBatch(records(out), pairs)
    if (parsed.length === pairs.length) return parsed
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
  }
  // One pair that git refuses ends the whole batch; alone each says what is wrong with it.
  const merged: Merged[] = []
  for (const [ours, theirs] of pairs) merged.push(await mergeTrees(hub, ours, theirs))
  return merged
}

/** `<0 or 1> NUL <tree> NUL [<file> NUL]… NUL` for each pair: 0 is a conflict. */
function parseBatch(fields: readonly string[], pairs: readonly CommitPair[]): Merged[] {
  const merged: Merged[] = []
  for (let at = 0; at < fields.length; ) {
    const end = fields.indexOf('', at)
    if (end === -1 || end < at + 2) return []
    const [status, tree, ...files] = fields.slice(at, end)
    if (status === '1') merged.push({ status: 'clean', tree: tree! })
    else merged.push({ status: 'conflict', files: asWritten(files, pairs[merged.length] ?? []) })
    at = end + 1
  }
  return merged
}
