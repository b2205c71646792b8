import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitCall, GitOutput } from './git.ts'

/** One end of a transfer: runs git on one repository, as whoever may read or write it. */
export type RunOn = (call: GitCall) => Promise<GitOutput>

export interface Transfer {
  readonly from: RunOn
  readonly to: RunOn
  /** Commits to bring, with all they need. */
  readonly wants: readonly string[]
  /** Commits the receiver is known to have; those the sender does not know are left out. */
  readonly haves: readonly string[]
  /** An engine-owned folder for the pack under way. */
  readonly scratch: string
}

const TRANSFER_TIMEOUT_MS = 30 * 60_000
/** git's own limit: fewer objects become loose ones, more stay a pack. */
const UNPACK_LIMIT = 100

/**
 * Copies commits from one repository to another as a pack through a file of the engine. Unlike `git fetch` it
 * writes nothing at all on the sending side (no FETCH_HEAD, no refs), runs no helper there that reads other
 * settings, and lets the two ends be different users. The receiver checks every object.
 */
export async function transfer(job: Transfer): Promise<void> {
  const known = await knownCommits(job.from, job.haves)
  const path = join(job.scratch, `.pack-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    await job.from({
      args: ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'],
      input: [...job.wants, ...known.map((id) => `^${id}`), ''].join('\n'),
      outputFd: file.fd,
      timeoutMs: TRANSFER_TIMEOUT_MS,
    })
    const header = Buffer.alloc(12)
    await file.read(header, 0, 12, 0)
    const objects = header.readUInt32BE(8)
    if (objects === 0) return
    const reading = await open(path, 'r')
    try {
      await job.to({
        args: objects < UNPACK_LIMIT ? ['unpack-objects', '-q'] : ['index-pack', '--stdin', '--fix-thin'],
        input: { fd: reading.fd },
        timeoutMs: TRANSFER_TIMEOUT_MS,
      })
    } finally {
      await reading.close()
    }
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}

async function knownCommits(on: RunOn, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const out = await on({ args: ['cat-file', '--batch-check'], input: `${ids.join('\n')}\n` })
  const lines = out.stdout.toString('utf8').split('\n')
  return lines.filter((line) => / commit \d+$/.test(line)).map((line) => line.split(' ')[0]!)
}
