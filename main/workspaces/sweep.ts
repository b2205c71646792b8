import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from './files.ts'

/** What a killed engine or git leaves half written, by the folder of the project it lies in. */
const LEFTOVERS: readonly (readonly [folder: string, name: RegExp])[] = [
  ['.', /^\.pack-/],
  ['artifacts', /^\.new-/],
  ['hub.git', /^fast_import_crash_/],
  ['hub.git/objects/pack', /^tmp_/],
]
/** A git that outlived its engine may still be writing; nothing takes this long. */
const OLD_MS = 60 * 60_000

/** Removes half-written files of earlier lives of the engine. Called once a project, before anything is begun. */
export async function sweepProject(projectFolder: string): Promise<void> {
  for (const [name, pattern] of LEFTOVERS) {
    const folder = join(projectFolder, name)
    for (const file of (await unlessMissing(readdir(folder))) ?? []) {
      if (!pattern.test(file)) continue
      const stat = await unlessMissing(lstat(join(folder, file)))
      if (stat !== undefined && Date.now() - stat.mtimeMs > OLD_MS)
        await rm(join(folder, file), { force: true })
    }
  }
}
