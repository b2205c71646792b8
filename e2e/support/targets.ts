import { join } from 'node:path'
import type { ProjectRecord } from '../../main/domain/state.ts'
import { openPassive } from '../../main/headless.ts'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { removeApps } from '../../main/targets/testing/app.ts'
import { removeAll } from '../../main/targets/testing/bench.ts'

/** Of the data folder whose engine is not there. */
export async function onlyProject(data: string): Promise<ProjectRecord> {
  return (await (await openPassive({ dataDir: data })).snapshot()).projects[0]!
}

/** What its containers carry as a label. */
export async function installOf(data: string): Promise<string> {
  const store = await openSqliteStore({ file: join(data, 'amphitheatre.db') })
  const id = await store.getMeta('install')
  await store.close()
  return id!
}

/** Takes away what a data folder's releases left on the machine's Docker: containers, volumes, networks, images. */
export async function removeTargets(data: string): Promise<void> {
  await removeApps(await removeReleased(data))
}

/** The same but for the images, which it answers. */
export async function removeReleased(data: string): Promise<readonly string[]> {
  const { targets } = await onlyProject(data)
  const { docker, close } = connectDocker()
  await removeAll(docker, await installOf(data))
  close()
  const releases = Object.values(targets).flatMap(({ history }) => history)
  return [...new Set(releases.flatMap(({ release }) => release.image ?? []))]
}
