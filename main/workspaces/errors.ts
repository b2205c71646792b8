import { statfs } from 'node:fs/promises'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { GitError, isErrno } from './git.ts'

const FULL_DISK_REMEDY = 'Free some space on the disk of the data folder, then try again.'
const FULL_DISK = new Set(['ENOSPC', 'EDQUOT'])
const FULL_DISK_WORDS = /No space left on device|Disk quota exceeded/
/** Says that another process may be at work, or the machine is short of something for the moment. */
const TRANSIENT = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOMEM', 'ETXTBSY'])
const TRANSIENT_WORDS =
  /\.lock': File exists|cannot lock ref|Cannot allocate memory|Resource temporarily unavailable/

/**
 * What every call of the port throws: `WorkspaceError`s pass, failures of git and of the file system are
 * translated with the place they came from, anything else is a defect and stays what it is.
 */
export function toWorkspaceError(error: unknown, doing: string, diskIsFull = false): unknown {
  if (error instanceof WorkspaceError) return error
  if (error instanceof GitError) return fromGit(error, doing, diskIsFull)
  if (isErrno(error) && error.syscall !== undefined) return fromSystem(error, doing)
  return error
}

const FULL_BELOW_BYTES = 256 * 1024

/** git often says only that it could not write, not why: then the disk itself is asked. */
export async function isDiskFull(error: unknown, folders: readonly string[]): Promise<boolean> {
  if (!(error instanceof GitError)) return false
  for (const folder of folders) {
    const disk = await statfs(folder).catch(() => undefined)
    if (disk === undefined) continue
    const noNodes = disk.files > 0 && disk.ffree === 0
    if (noNodes || disk.bavail * disk.bsize < FULL_BELOW_BYTES) return true
  }
  return false
}

function fromGit(error: GitError, doing: string, diskIsFull: boolean): WorkspaceError {
  const because = { cause: error }
  const message = `${doing}: ${error.message}`
  if (diskIsFull || FULL_DISK_WORDS.test(error.stderr)) {
    return new WorkspaceError('disk-full', `${doing}: the disk is full`, FULL_DISK_REMEDY, because)
  }
  if (error.reason === 'missing') {
    return new WorkspaceError(
      'permanent',
      message,
      'Install git 2.38 or newer and put it on the PATH.',
      because,
    )
  }
  if (error.reason === 'timeout' || error.code === null || TRANSIENT_WORDS.test(error.stderr)) {
    return new WorkspaceError(
      'transient',
      message,
      'Try again; if it stays, look at the load of the machine.',
      because,
    )
  }
  return new WorkspaceError(
    'permanent',
    message,
    'Read what git says above; `git fsck` finds damage.',
    because,
  )
}

function fromSystem(error: NodeJS.ErrnoException, doing: string): WorkspaceError {
  const because = { cause: error }
  if (FULL_DISK.has(error.code ?? '')) {
    return new WorkspaceError('disk-full', `${doing}: the disk is full`, FULL_DISK_REMEDY, because)
  }
  const kind = TRANSIENT.has(error.code ?? '') ? 'transient' : 'permanent'
  return new WorkspaceError(
    kind,
    `${doing}: ${error.message}`,
    'Check the permissions of the path named.',
    because,
  )
}

export function permanent(message: string, remedy: string, cause?: unknown): WorkspaceError {
  return new WorkspaceError('permanent', message, remedy, cause === undefined ? undefined : { cause })
}
