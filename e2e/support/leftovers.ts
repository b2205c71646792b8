import { join } from 'node:path'
import Docker from 'dockerode'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { agentProcesses } from './processes.ts'

/** Containers and networks of one data folder, by its install label: what a finished run must not leave. */
export async function leftovers(dataDir: string): Promise<readonly string[]> {
  const docker = new Docker()
  const filters = { label: [`amphitheatre.install=${await installOf(dataDir)}`] }
  const containers = await docker.listContainers({ all: true, filters })
  const networks = await docker.listNetworks({ filters: { label: filters.label } })
  return [
    ...containers.map(({ Names }) => `container ${Names[0]}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ]
}

/** For tests that failed half way: removes what `leftovers` lists, and ends the agents that are processes. */
export async function removeLeftovers(dataDir: string): Promise<void> {
  for (const pid of agentProcesses(dataDir)) kill(pid)
  const docker = new Docker()
  const reachable = await docker.ping().then(
    () => true,
    () => false,
  )
  if (!reachable) return
  const filters = { label: [`amphitheatre.install=${await installOf(dataDir)}`] }
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true })
  }
  for (const { Id } of await docker.listNetworks({ filters: { label: filters.label } })) {
    await docker.getNetwork(Id).remove()
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

async function installOf(dataDir: string): Promise<string> {
  const store = await openSqliteStore({ file: join(dataDir, 'amphitheatre.db') })
  const install = await store.getMeta('install')
  await store.close()
  return install ?? 'none'
}
