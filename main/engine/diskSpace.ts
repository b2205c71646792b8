import { formatBytes } from '../domain/bytes.ts'
import { WorkspaceError } from './ports/workspaces.ts'
import type { World } from './world.ts'

/** Less free space than this, and nothing new is begun: a clone or an agent would only fail half way. */
const MIN_FREE_BYTES = 64 * 1024 * 1024

/** Throws `disk-full` when the data folder's disk is as good as full; it is tried again until there is space. */
export async function assertSpace(world: World): Promise<void> {
  const free = await world.freeBytes()
  if (free === null || free >= MIN_FREE_BYTES) return
  const remedy = `Free at least ${formatBytes(MIN_FREE_BYTES)} there; it goes on by itself.`
  throw new WorkspaceError('disk-full', 'The disk of the data folder is full.', remedy)
}

/** What to add to the account of a failure when the disk may have caused it; empty otherwise. */
export async function diskNote(world: World): Promise<string> {
  const free = await world.freeBytes()
  return free === null || free >= MIN_FREE_BYTES ? '' : ' while the disk was full'
}
