import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptId } from '../../domain/ids.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { FILES } from './record.ts'

/** The kernel's limit is 108 bytes, 104 on macOS. */
const MAX_SOCKET_PATH_BYTES = 99

/** The same for the same attempt of the same installation, always. */
export function keyOf(install: string, attempt: AttemptId): string {
  return digest(`${install}\n${attempt}`)
}

/** What of the environment tells an agent's processes from all others. */
export function markerOf(key: string): readonly [name: string, value: string] {
  return ['AMPHITHEATRE_AGENT_KEY', key]
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/** Where the supervisor of an agent listens; `folder` may be too long a path for a socket. */
export function addressOf(folder: string, key: string): string {
  // A pipe is reached by name alone: its name must not be guessed, so it is made anew each time (see `start.ts`).
  if (process.platform === 'win32') return `\\\\.\\pipe\\amphitheatre-agent-${key}-${crypto.randomUUID()}`
  const near = join(folder, FILES.socket)
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH_BYTES) return near
  return join(shortFolder(), digest(folder))
}

/** A folder of this user's own among the temporary files. Throws RunnerError where somebody else has its name. */
function shortFolder(): string {
  const uid = process.getuid!()
  const folder = join('/tmp', `amphitheatre-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    const remedy = `Remove ${folder}, or choose a data folder with a shorter path.`
    throw new RunnerError('unavailable', `${folder} is not this user's own folder.`, remedy)
  }
  return folder
}
