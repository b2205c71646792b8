import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { ImageSpec } from '../../domain/project.ts'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import { call } from '../../runners/docker/client.ts'
import { FrameDecoder } from '../../runners/docker/frames.ts'
import { resolveImage } from '../../runners/docker/images.ts'
import { digest } from '../../runners/docker/labels.ts'
import type { StepContext } from '../step.ts'
import { StepError } from '../step.ts'
import { type Found, hardened, lastWords, look, remove } from './containers.ts'
import { databaseWiring } from './databaseSteps.ts'
import { ensureNetwork } from './network.ts'
import { type DockerPlace, give, labelsOf, nameOfPart } from './place.ts'
import type { DatabaseRole } from './postgres.ts'

/** A command in a container of its own on the target's network, as locked down as an agent's. */
export interface OneOff {
  /** What it is for, and part of the container's name: the same name never runs twice. */
  readonly name: string
  /** Null: the agents' own. */
  readonly image: ImageSpec | null
  readonly command: string
  readonly role: DatabaseRole
  readonly env: Readonly<Record<string, string>>
  readonly withinMs: number
  /** Folders it may read: the code in `/workspace`, and what that refers to at the same path. */
  readonly code: { readonly folder: string; readonly mounts: readonly string[] } | null
  /** It stays when it is over, until it is removed: what may run only once is not run again. */
  readonly keep?: boolean
}

/** How a command ended. */
export interface Ended {
  readonly code: number
  /** The last lines it said. */
  readonly words: string
  /** By the daemon's clock, ms. */
  readonly startedAt: number
}

const LOOK_MS = 100
const RESOURCES = { cpus: 2, memoryBytes: 1024 * 1024 * 1024, pids: 512 }

export function oneOffName(place: DockerPlace, name: string): string {
  return nameOfPart(place, `task-${digest(name).slice(0, 10)}`)
}

/**
 * In the container of what may run only once: a daemon that is killed while it starts one forgets that it did. Whoever
 * comes second leaves a mark, and does nothing.
 */
const ONCE = '/amphitheatre-once'
const LATCH = `(set -C; : > ${ONCE}/begun) 2>/dev/null || { : > ${ONCE}/again; exit 1; }; exec sh -c "$0"`

/**
 * Adopts the one that an earlier try began. One that has ended is not begun again where it may run only once; where it
 * only looks, it is: it may have been ended together with Docker.
 */
export async function runOnce(place: DockerPlace, context: StepContext, what: OneOff): Promise<Ended> {
  const { docker } = place
  const name = oneOffName(place, `${context.folder} ${what.name}`)
  let found = await look(docker, name)
  if (found?.State.Status === 'exited' && what.keep !== true) {
    await remove(docker, name)
    found = undefined
  }
  if (found === undefined) {
    const made = await options(place, what, context)
    await call((abortSignal) => docker.createContainer({ ...made, name, abortSignal }))
  }
  if (found === undefined || found.State.Status === 'created') {
    await call((abortSignal) => docker.getContainer(name).start({ abortSignal }))
  }
  const limit = AbortSignal.timeout(what.withinMs)
  try {
    const state = await over(docker, name, AbortSignal.any([context.signal, limit]), context.say)
    if (what.keep === true && existsSync(join(latchFolder(context, what.name), 'again')))
      throw begunBefore(what)
    const startedAt = Date.parse(state.StartedAt)
    return { code: state.ExitCode, words: await lastWords(docker, name), startedAt }
  } catch (error) {
    if (!limit.aborted) throw error
    const remedy = 'Give it more time, or look at what it waits for.'
    throw new StepError(`${what.name} did not end within ${Math.round(what.withinMs / 1000)} s.`, remedy)
  } finally {
    if (what.keep !== true) await remove(docker, name).catch(() => undefined)
  }
}

function latchFolder({ folder }: StepContext, name: string): string {
  return join(folder, `once-${digest(name).slice(0, 10)}`)
}

/** Did what may run only once begin? To be asked once its container is gone or over. */
export function hasBegun(context: StepContext, name: string): boolean {
  return existsSync(join(latchFolder(context, name), 'begun'))
}

function begunBefore({ name }: OneOff): StepError {
  return new StepError(
    `Docker was killed when ${name} had just begun, and how far it came nobody knows.`,
    'Look at the data. Go back with: amphi rollback.',
  )
}

async function options(
  place: DockerPlace,
  what: OneOff,
  context: StepContext,
): Promise<Docker.ContainerCreateOptions> {
  const inside = await ensureNetwork(place, 'inside')
  const wiring = await databaseWiring(place, what.role)
  const image = await resolveImage(place.docker, what.image ?? { ref: AGENT_IMAGE }, '/', context.say)
  const env = { HOME: '/tmp', ...wiring.env, ...what.env }
  const bind = (Source: string, Target: string, ReadOnly = true): Docker.MountSettings => ({
    Type: 'bind',
    Source,
    Target,
    ReadOnly,
  })
  const once: Docker.MountSettings[] = []
  if (what.keep === true) {
    const latch = latchFolder(context, what.name)
    mkdirSync(latch, { recursive: true, mode: 0o700 })
    give(place, latch)
    once.push(bind(latch, ONCE, false))
  }
  const code =
    what.code === null
      ? []
      : [bind(what.code.folder, '/workspace'), ...what.code.mounts.map((path) => bind(path, path))]
  return {
    Image: image,
    Entrypoint: what.keep === true ? ['sh', '-c', LATCH, what.command] : ['sh', '-c', what.command],
    Cmd: [],
    User: `${place.uid}:${place.gid}`,
    WorkingDir: what.code === null ? '/tmp' : '/workspace',
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(place, 'task'),
    HostConfig: {
      ...hardened(RESOURCES, await place.cpus()),
      Init: true,
      RestartPolicy: { Name: 'no' },
      NetworkMode: inside,
      Mounts: [...wiring.mounts, ...code, ...once],
    },
  }
}

/** Its end, its output told on the way. */
async function over(
  docker: Docker,
  name: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Found['State']> {
  const logs = follow(docker, name, signal, say)
  for (;;) {
    const found = await look(docker, name)
    if (found === undefined)
      throw new StepError('Its container is gone.', 'Nobody knows how it ended: look at the data.')
    if (found.State.Status === 'exited' || found.State.Status === 'dead') {
      await Promise.race([logs, delay(2_000)])
      return found.State
    }
    await delay(LOOK_MS, undefined, { signal })
  }
}

async function follow(
  docker: Docker,
  name: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  try {
    const stream = (await docker
      .getContainer(name)
      .logs({ stdout: true, stderr: true, follow: true })) as NodeJS.ReadableStream & { destroy?: () => void }
    signal.addEventListener('abort', () => stream.destroy?.(), { once: true })
    const decoder = new FrameDecoder()
    for await (const chunk of stream) {
      const text = decoder
        .push(chunk as unknown as Uint8Array)
        .toString()
        .trimEnd()
      if (text !== '' && !signal.aborted) say(text)
    }
  } catch {
    // What it said is in its log still.
  }
}
