import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { DEFAULT_RESOURCES } from '../../domain/project.ts'
import { RunnerError, type RunScope } from '../../engine/ports/runner.ts'
import type { BesideService } from '../../engine/ports/targets.ts'
import { call } from '../../runners/docker/client.ts'
import { digest, LABELS, runLabels, withLabels } from '../../runners/docker/labels.ts'
import { createRunNetworks } from '../../runners/docker/networks.ts'
import { ensurePostgresImage, POSTGRES_IMAGE } from '../../runners/docker/postgresImage.ts'
import { ensureRunning, exec, hardened, lastWords, look, remove } from './containers.ts'
import type { DockerTools } from './place.ts'

/**
 * Services beside an attempt (`services:`): containers in its run's network, reachable by their names, locked down as
 * agents are, gone with the attempt.
 */

const READY_MS = 60_000

/** A database for one attempt: there is nothing in it to keep from those on its network. */
const POSTGRES_ENTRY = [
  'set -e',
  'echo postgres > /tmp/password',
  'initdb -D /data/db -U postgres --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-instructions --no-sync',
  `echo 'host all all all scram-sha-256' >> /data/db/pg_hba.conf`,
  'exec postgres -D /data/db -c jit=off -c fsync=off -c listen_addresses=* -c unix_socket_directories=/tmp',
].join('\n')
const POSTGRES_HEALTH = 'pg_isready -q -h /tmp'

export async function startBeside(
  tools: DockerTools,
  run: RunScope,
  attempt: AttemptId,
  services: readonly BesideService[],
): Promise<void> {
  const networks = createRunNetworks(tools.docker, tools.install)
  const [network] = await networks.idsFor('run', run)
  for (const service of services) {
    if (service.image === null) await ensurePostgresImage(tools.docker, () => undefined)
    const options = await optionsOf(tools, run, attempt, service, network!)
    await ensureRunning(tools.docker, nameOf(tools, attempt, service.name), options)
  }
  await Promise.all(services.map((service) => untilReady(tools, attempt, service)))
}

function nameOf({ install }: DockerTools, attempt: AttemptId, service: string): string {
  return `amphi-beside-${digest(`${install}\n${attempt}\n${service}`)}`
}

async function optionsOf(
  tools: DockerTools,
  run: RunScope,
  attempt: AttemptId,
  service: BesideService,
  network: string,
): Promise<Docker.ContainerCreateOptions> {
  const isPostgres = service.image === null
  return {
    Image: service.image ?? POSTGRES_IMAGE,
    User: isPostgres ? 'postgres' : `${tools.uid}:${tools.gid}`,
    ...(isPostgres ? { Entrypoint: ['sh', '-c', POSTGRES_ENTRY], Cmd: [] } : {}),
    Env: Object.entries({ HOME: '/tmp', ...service.env }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...runLabels(tools.install, run), [LABELS.beside]: attempt },
    HostConfig: {
      ...hardened(DEFAULT_RESOURCES, await tools.cpus()),
      Init: true,
      NetworkMode: network,
      RestartPolicy: { Name: 'no' },
      // Without a name: it is removed with its container.
      Mounts: isPostgres ? [{ Type: 'volume', Source: '', Target: '/data', ReadOnly: false }] : [],
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service.name] } } },
  }
}

async function untilReady(tools: DockerTools, attempt: AttemptId, service: BesideService): Promise<void> {
  const name = nameOf(tools, attempt, service.name)
  const health = service.image === null ? POSTGRES_HEALTH : service.health
  if (health !== null) {
    const wait = `i=0; until sh -c "$1" >/dev/null 2>&1; do i=$((i+1)); [ $i -lt ${READY_MS / 100} ] || exit 1; sleep 0.1; done`
    const signal = AbortSignal.timeout(READY_MS + 5_000)
    const asked = await exec(tools.docker, name, ['sh', '-c', wait, 'health', health], { signal }).catch(
      () => undefined,
    )
    if (asked?.code === 0) return
  } else if ((await look(tools.docker, name))?.State.Running === true) return
  const words = await lastWords(tools.docker, name, 5)
  throw new RunnerError(
    'refused',
    `The service ${service.name} beside ${attempt} does not come up. It last said: ${words || 'nothing'}`,
    'Look at its image, its environment and its health command in amphitheatre.yaml.',
  )
}

export async function listBeside({ docker, install }: DockerTools): Promise<readonly AttemptId[]> {
  const filters = { label: [...withLabels({ [LABELS.install]: install }).label, LABELS.beside] }
  const all = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
  return [...new Set(all.map(({ Labels }) => Labels[LABELS.beside] as AttemptId))]
}

export async function stopBeside({ docker, install }: DockerTools, attempt: AttemptId): Promise<void> {
  const filters = withLabels({ [LABELS.install]: install, [LABELS.beside]: attempt })
  const all = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
  await Promise.all(all.map(({ Id }) => remove(docker, Id)))
}
