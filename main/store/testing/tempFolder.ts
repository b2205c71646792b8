import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(parentFolder(), 'amphitheatre-store-'))
  folders.push(folder)
  return folder
}

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 512 << 20

/**
 * In memory where there is room. What a power loss leaves is simulated by cutting files, so nothing here hangs on a
 * sync, and thousands of them on a busy disk would make the tests slow.
 */
function parentFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > ENOUGH_BYTES ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}
