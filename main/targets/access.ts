import type Docker from 'dockerode'
import type { TargetSpec } from '../domain/targets/target.ts'
import { RunnerError } from '../engine/ports/runner.ts'
import type { Attachment, TargetAccess, TargetSight } from '../engine/ports/targets.ts'
import { asRunnerError } from '../runners/docker/client.ts'
import { LABELS } from '../runners/docker/labels.ts'
import { listBeside, startBeside, stopBeside } from './docker/beside.ts'
import { type Found, labelOf, listParts, nameOf } from './docker/containers.ts'
import { measureLoad } from './docker/load.ts'
import { networkOf } from './docker/network.ts'
import { type DockerPlace, type DockerTools, dockerPlace, URL_INSIDE, urlOf } from './docker/place.ts'
import { clientOf } from './docker/postgres.ts'
import { answering } from './docker/service.ts'
import { answers } from './docker/verify.ts'

/** One that hangs is not well; who watches it waits no longer than twice this. */
const SEE_MS = 5_000

export function targetAccess(tools: DockerTools): TargetAccess {
  return {
    lookAt: (project, target) => told(`look at ${target.name}`, () => lookAt(tools, project, target)),
    startBeside: (run, attempt, services) =>
      told(`start what runs beside ${attempt}`, () => startBeside(tools, run, attempt, services)),
    stopBeside: (attempt) => told(`remove what ran beside ${attempt}`, () => stopBeside(tools, attempt)),
    listBeside: () => told('list what runs beside agents', () => listBeside(tools)),
    see: (project, target) => told(`look at ${target.name}`, () => see(tools, project, target)),
    measure: (project, target) =>
      told(`measure ${target.name}`, async () => {
        const place = dockerPlace(tools, project, target)
        return place === undefined ? null : measureLoad(place)
      }),
  }
}

async function told<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw asRunnerError(error, doing)
  }
}

/** On the target's network, with a role that reads only: an agent sees everything there and changes nothing. */
async function lookAt(tools: DockerTools, project: string, target: TargetSpec): Promise<Attachment> {
  const place = dockerPlace(tools, project, target)
  if (place === undefined) return { env: urlEnv(addressOf(target)), networks: [], mounts: [] }
  const network = await networkOf(place, 'inside')
  if (network === undefined) {
    const remedy = 'Deploy something there first.'
    throw new RunnerError('refused', `Nothing was ever released at ${target.name}.`, remedy)
  }
  const reader = target.database?.kind === 'postgres' ? clientOf(place, 'reader') : { env: {}, mounts: [] }
  return {
    env: { ...urlEnv(URL_INSIDE), ...reader.env },
    networks: [network],
    mounts: reader.mounts.map(({ Source, Target }) => ({ from: Source, to: Target })),
  }
}

function urlEnv(url: string | null): Readonly<Record<string, string>> {
  return url === null ? {} : { AMPHITHEATRE_TARGET_URL: url }
}

function addressOf({ place }: TargetSpec): string | null {
  return place.kind === 'docker' ? null : place.url
}

async function see(tools: DockerTools, project: string, target: TargetSpec): Promise<TargetSight> {
  const place = dockerPlace(tools, project, target)
  return place === undefined ? seeElsewhere(target) : seeDocker(place)
}

async function seeElsewhere(target: TargetSpec): Promise<TargetSight> {
  const address = addressOf(target)
  const rest = { address, version: null, parts: [] }
  if (address === null) return { ...rest, healthy: null, words: 'it has no address to ask' }
  const { ok, words } = await answers(address, target.verify.paths, new AbortController().signal, SEE_MS)
  return { ...rest, healthy: ok, words }
}

async function seeDocker(place: DockerPlace): Promise<TargetSight> {
  const parts = await listParts(place)
  const now = await answering(place)
  const address = urlOf(place)
  const asked =
    now === undefined
      ? { ok: null, words: 'nothing is released there' }
      : await answers(address, [place.spec.service.health.path], new AbortController().signal, SEE_MS)
  return {
    address,
    healthy: asked.ok,
    words: asked.ok === false ? [asked.words, ...down(parts, now)].join('; ') : asked.words,
    version: now === undefined ? null : (labelOf(now, 'version') ?? null),
    parts: parts.map((info) => ({
      name: nameOf(info),
      part: info.Labels[LABELS.part] ?? '',
      state: info.State,
      version: info.Labels[LABELS.version] ?? null,
      colour: info.Labels[LABELS.colour] ?? null,
    })),
  }
}

/** What of it does not run though it has to, and how to go on. */
function down(parts: readonly Docker.ContainerInfo[], now: Found | undefined): readonly string[] {
  return parts
    .filter(({ Id, State, Labels }) => {
      const part = Labels[LABELS.part]
      return State !== 'running' && (part === 'proxy' || part === 'database' || Id === now?.Id)
    })
    .map((info) => `its ${info.Labels[LABELS.part]} does not run: docker start ${nameOf(info)}`)
}
