import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A door's folder that a crash left, beside one that is open. */
export function makeStray(beside: string): string {
  const stray = join(dirname(beside), '0'.repeat(20))
  mkdirSync(join(stray, 'bin'), { recursive: true })
  writeFileSync(join(stray, 'door.sock'), '')
  return stray
}
