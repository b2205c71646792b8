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

/** Takes away what a data folder's releases left on the machine's Docker: containers, volumes, networks, images. */
export async function removeTargets(data: string): Promise<void> {
  const { targets } = await onlyProject(data)
  const store = await openSqliteStore({ file: join(data, 'amphitheatre.db') })
  const install = await store.getMeta('install')
  await store.close()
  const { docker, close } = connectDocker()
  await removeAll(docker, install!)
  close()
  const releases = Object.values(targets).flatMap(({ history }) => history)
  await removeApps(new Set(releases.flatMap(({ release }) => release.image ?? [])))
}
