import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type Docker from 'dockerode'
import { AGENT_IMAGE, ensureAgentImage } from '../../runners/docker/agentImage.ts'
import { call } from '../../runners/docker/client.ts'
import { LABELS } from '../../runners/docker/labels.ts'
import { StepError } from '../step.ts'
import { ensureRunning, hardened, KEPT_UP, labelOf, lastWords, look, remove } from './containers.ts'
import { type DockerPlace, labelsOf, nameOfPart, ownFolder } from './place.ts'
import type { DatabaseRole } from './postgres.ts'
import { ensureVolume, hasVolume, removeVolume } from './volume.ts'

/**
 * The SQLite file of a target: in a volume of its own, which every release of the service has at the same path, two of
 * them at once while one takes the place of the other. A container that does nothing by itself has the volume, too: by
 * it the file is kept and put back, and no prune takes the volume while the service is stopped.
 */
const PROGRAMS = join(import.meta.dirname, '../../../resources/targets')
const PROGRAM = 'sqlite.mjs'
export const SQLITE_PROGRAM = ['node', '--no-warnings', `/program/${PROGRAM}`] as const
const RESOURCES = { cpus: 2, memoryBytes: 512 * 1024 * 1024, pids: 64 }
const OWN_LIMIT_MS = 30_000
/** Its rights first: once it is somebody else's, even root may not change them without being allowed more. */
const OWN = '[ "$(stat -c %u:%g "$2")" = "$1" ] || { chmod 700 "$2" && chown "$1" "$2"; }'

export function sqliteName(place: DockerPlace): string {
  return nameOfPart(place, 'database-file')
}

export function sqliteVolume(place: DockerPlace): string {
  return nameOfPart(place, 'files')
}

const fileOf = (place: DockerPlace): string => place.target.database!.name

/** Idempotent. */
export async function ensureSqlite(place: DockerPlace, say: (line: string) => void): Promise<void> {
  const { docker } = place
  const programs = ownFolder(place, 'database', 'program')
  await copyFile(join(PROGRAMS, PROGRAM), join(programs, PROGRAM))
  const text = await readFile(join(PROGRAMS, PROGRAM))
  const recipe = createHash('sha256').update(fileOf(place)).update(text).digest('hex').slice(0, 16)
  const name = sqliteName(place)
  const found = await look(docker, name)
  if (found !== undefined && labelOf(found, 'recipe') === recipe && found.State.Running) return
  if (found === undefined) {
    await ensureAgentImage(docker, say)
    await ensureVolume(place, sqliteVolume(place))
    await own(place)
  } else if (labelOf(found, 'recipe') !== recipe) await remove(docker, name)
  await ensureRunning(docker, name, await options(place, recipe, programs))
}

/** A new volume is root's; from then on it is that of whoever the service runs as. */
async function own(place: DockerPlace): Promise<void> {
  const { docker, uid, gid } = place
  const name = nameOfPart(place, 'database-own')
  await remove(docker, name)
  const folder = dirname(fileOf(place))
  await call(async (abortSignal) =>
    docker.createContainer({
      name,
      Image: AGENT_IMAGE,
      Entrypoint: ['sh', '-c', OWN, 'sh', `${uid}:${gid}`, folder],
      Cmd: [],
      User: '0:0',
      Labels: labelsOf(place, 'task'),
      HostConfig: {
        ...hardened(RESOURCES, await place.cpus()),
        CapAdd: ['CHOWN'],
        NetworkMode: 'none',
        Mounts: [mount(place, false)],
      },
      abortSignal,
    }),
  )
  try {
    const container = docker.getContainer(name)
    await call((abortSignal) => container.start({ abortSignal }))
    const { StatusCode } = (await container.wait({ abortSignal: AbortSignal.timeout(OWN_LIMIT_MS) })) as {
      readonly StatusCode: number
    }
    if (StatusCode === 0) return
    throw new StepError(
      `The volume of ${place.target.name} cannot be prepared: ${await lastWords(docker, name)}`,
      'Look at Docker and its disk, then retry.',
    )
  } finally {
    await remove(docker, name)
  }
}

async function options(
  place: DockerPlace,
  recipe: string,
  programs: string,
): Promise<Docker.ContainerCreateOptions> {
  return {
    Image: AGENT_IMAGE,
    Entrypoint: ['sleep', 'infinity'],
    Cmd: [],
    User: `${place.uid}:${place.gid}`,
    WorkingDir: '/',
    Env: ['HOME=/tmp'],
    Labels: { ...labelsOf(place, 'database'), [LABELS.recipe]: recipe },
    HostConfig: {
      ...hardened(RESOURCES, await place.cpus()),
      Init: true,
      RestartPolicy: KEPT_UP,
      NetworkMode: 'none',
      Mounts: [mount(place, false), { Type: 'bind', Source: programs, Target: '/program', ReadOnly: true }],
    },
  }
}

function mount(place: DockerPlace, readOnly: boolean): Docker.MountSettings {
  return {
    Type: 'volume',
    Source: sqliteVolume(place),
    Target: dirname(fileOf(place)),
    ReadOnly: readOnly,
    // What an image has at that path is no data.
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
  }
}

/** Is anything of it there: its container, or the data alone? */
export async function hasSqlite(place: DockerPlace): Promise<boolean> {
  if ((await look(place.docker, sqliteName(place))) !== undefined) return true
  return hasVolume(place, sqliteVolume(place))
}

/** For a file that nothing was ever in: the data go, too. */
export async function removeSqlite(place: DockerPlace): Promise<void> {
  await remove(place.docker, sqliteName(place))
  await removeVolume(place, sqliteVolume(place))
}

/** What the service, or a command, needs to find it. Who only reads may not write its folder either. */
export function sqliteWiring(
  place: DockerPlace,
  role: DatabaseRole,
): { readonly env: Readonly<Record<string, string>>; readonly mounts: readonly Docker.MountSettings[] } {
  return { env: { AMPHITHEATRE_DATABASE: fileOf(place) }, mounts: [mount(place, role === 'reader')] }
}
