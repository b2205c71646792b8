import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { permanent } from '../errors.ts'
import { makePrivateFolder, removeTree } from '../files.ts'
import type { Hub } from '../hub.ts'

/** A hub seen through an object store of its own: what git writes goes there, what it reads may lie in either. */
export interface Scratch {
  readonly hub: Hub
  remove(): Promise<void>
}

/**
 * Opens one in `folder`, which is made anew: nothing in it outlives this process. So merges that are only tried leave
 * nothing in the hub, whose objects the agents' clones borrow and a run keeps.
 */
export async function openScratch(hub: Hub, folder: string): Promise<Scratch> {
  if (/[\n\r]/.test(hub.objects)) {
    throw permanent(`${hub.objects} has a line break in it`, 'Move the data folder.')
  }
  const objects = join(folder, 'objects')
  await removeTree(folder)
  await makePrivateFolder(join(objects, 'info'))
  await makePrivateFolder(join(objects, 'pack'))
  await writeFile(join(objects, 'info', 'alternates'), `${hub.objects}\n`)
  return {
    hub: {
      ...hub,
      objects,
      git: (call) => hub.git({ ...call, env: { ...call.env, GIT_OBJECT_DIRECTORY: objects } }),
    },
    remove: () => removeTree(folder),
  }
}
