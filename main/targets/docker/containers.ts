import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import type { Resources } from '../../domain/project.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import {
  asRunnerError,
  call,
  daemonWords,
  hijack,
  isForgotten,
  statusOf,
} from '../../runners/docker/client.ts'
import { FrameDecoder } from '../../runners/docker/frames.ts'
import { LABELS, withLabels } from '../../runners/docker/labels.ts'
import { Tail } from '../../runners/output/tail.ts'
import { StepError } from '../step.ts'
import { type DockerPlace, labelsOf, type Part } from './place.ts'

/** Containers of targets: made, looked at, removed. Every call may be repeated and has a time limit. */

const MIB = 1024 * 1024
const DEFAULTS = { cpus: 2, memoryBytes: 512 * MIB, pids: 512 } as const
const MIN_MEMORY = 16 * MIB
const MAX_WORDS = 16 * 1024

/** What every container of ours is held by: no capabilities, no new privileges, limits, nothing to write but /tmp. */
export function hardened(
  resources: Resources,
  machineCpus: number,
  options: { readonly writable?: boolean } = {},
): Docker.HostConfig {
  const memory = Math.max(MIN_MEMORY, resources.memoryBytes ?? DEFAULTS.memoryBytes)
  const cpus = Math.min(machineCpus, resources.cpus ?? DEFAULTS.cpus)
  return {
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: options.writable !== true,
    Privileged: false,
    PidsLimit: resources.pids ?? DEFAULTS.pids,
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: Math.max(1, Math.round(cpus * 100)) * 10_000_000,
    IpcMode: 'private',
    Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,size=${Math.min(256 * MIB, Math.floor(memory / 2))},mode=1777` },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '16m', 'max-file': '2' } },
  }
}

export type Found = Docker.ContainerInspectInfo

/** Undefined where there is none. */
export async function look(docker: Docker, name: string): Promise<Found | undefined> {
  try {
    return await call((abortSignal) => docker.getContainer(name).inspect({ abortSignal }))
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw asRunnerError(error, `look at ${name}`)
  }
}

/**
 * What is to be there is up again with Docker, whatever ended it: a daemon that was killed takes containers for stopped
 * on purpose when it finds them, and brings back no others than these. What is put away has to say so (`putAway`).
 */
export const KEPT_UP: Docker.HostRestartPolicy = { Name: 'always' }
const PUT_AWAY: Docker.HostRestartPolicy = { Name: 'no' }

/** Makes it where it is not there, and starts it where it does not run. Adopts what an earlier try made. */
export async function ensureRunning(
  docker: Docker,
  name: string,
  options: Docker.ContainerCreateOptions,
  more: readonly string[] = [],
): Promise<Found> {
  try {
    return await running(docker, name, options, more)
  } catch (error) {
    if (!(error instanceof RunnerError) || !isForgotten(error.cause)) throw error
    await remove(docker, name)
    return running(docker, name, options, more)
  }
}

async function running(
  docker: Docker,
  name: string,
  options: Docker.ContainerCreateOptions,
  more: readonly string[],
): Promise<Found> {
  const found = (await look(docker, name)) ?? (await make(docker, name, options))
  const wanted = options.HostConfig?.RestartPolicy
  if (wanted !== undefined && found.HostConfig.RestartPolicy?.Name !== wanted.Name)
    await setPolicy(docker, name, wanted)
  for (const network of more) await join(docker, name, network, aliasesOf(options))
  if (!found.State.Running) await start(docker, name)
  return (await look(docker, name))!
}

/** Starts what was put away. */
export async function bringBack(docker: Docker, name: string, found: Found): Promise<void> {
  if (!isKeptUp(found)) await setPolicy(docker, name, KEPT_UP)
  if (!found.State.Running) await start(docker, name)
}

export function isKeptUp({ HostConfig }: Found): boolean {
  return HostConfig.RestartPolicy?.Name === KEPT_UP.Name
}

/** Stops it, and it stays so when Docker starts again. Nothing to do for one that is not there. */
export async function putAway(docker: Docker, name: string, graceS: number): Promise<void> {
  try {
    await setPolicy(docker, name, PUT_AWAY)
  } catch (error) {
    if (error instanceof RunnerError && statusOf(error.cause) === 404) return
    throw error
  }
  await stop(docker, name, graceS)
}

async function setPolicy(docker: Docker, name: string, policy: Docker.HostRestartPolicy): Promise<void> {
  try {
    await call((abortSignal) => docker.getContainer(name).update({ RestartPolicy: policy, abortSignal }))
  } catch (error) {
    throw asRunnerError(error, `say whether ${name} comes up again with Docker`)
  }
}

async function make(docker: Docker, name: string, options: Docker.ContainerCreateOptions): Promise<Found> {
  try {
    await call((abortSignal) => docker.createContainer({ ...options, name, abortSignal }))
  } catch (error) {
    // Made by a try of before whose answer was lost.
    if (statusOf(error) !== 409) throw asRunnerError(error, `make the container ${name}`)
  }
  return (await look(docker, name))!
}

function aliasesOf(options: Docker.ContainerCreateOptions): readonly string[] {
  const endpoints = Object.values(options.NetworkingConfig?.EndpointsConfig ?? {})
  return endpoints.flatMap((endpoint) => endpoint?.Aliases ?? [])
}

export async function start(docker: Docker, name: string): Promise<void> {
  try {
    await call((abortSignal) => docker.getContainer(name).start({ abortSignal }))
  } catch (error) {
    if (statusOf(error) === 304) return
    const words = daemonWords(error)
    const port =
      /(?:bind for|listen tcp\d?) [^ ]*?:(\d+)[^a-z]*(?:failed: port is already allocated|bind: address already in use)/i.exec(
        words,
      )
    if (port !== null || /port is already allocated|address already in use/i.test(words)) {
      // One that had its port before gets it again, once what a killed daemon left there has ended.
      const passing = (await look(docker, name))?.State.StartedAt.startsWith('0001-') === false
      const target = port === null ? undefined : await targetOn(docker, port[1]!)
      const by = target === undefined ? 'something else' : `the target ${target}`
      const end =
        target === undefined
          ? 'End what listens there (`ss -ltnp` shows it)'
          : `Take that one down if this one is to take its place (\`amphi targets remove ${target}\`)`
      throw new StepError(
        `The port ${port?.[1] ?? ''} of this machine is in use by ${by}.`.replace('port  ', 'port '),
        `${end}, or give the target another port in amphitheatre.yaml.`,
        { cause: error, passing },
      )
    }
    throw asRunnerError(error, `start ${name}`)
  }
}

/** A target of ours that answers there: it was called otherwise before, or two have the same port. */
async function targetOn(docker: Docker, port: string): Promise<string | undefined> {
  try {
    const filters = JSON.stringify({ publish: [port], label: [LABELS.target] })
    const [found] = await call((abortSignal) => docker.listContainers({ filters, abortSignal }))
    return found?.Labels[LABELS.target]
  } catch {
    return undefined
  }
}

export async function join(
  docker: Docker,
  name: string,
  network: string,
  aliases: readonly string[],
): Promise<void> {
  try {
    await call((abortSignal) => {
      const options = { Container: name, EndpointConfig: { Aliases: [...aliases] }, abortSignal }
      return docker.getNetwork(network).connect(options)
    })
  } catch (error) {
    if (statusOf(error) === 403 && /already exists/i.test(daemonWords(error))) return
    throw asRunnerError(error, `connect ${name}`)
  }
}

/** Politely, then by force. Nothing to do for one that is not there or does not run. */
async function stop(docker: Docker, name: string, graceS: number): Promise<void> {
  try {
    await call((abortSignal) => docker.getContainer(name).stop({ t: graceS, abortSignal }))
  } catch (error) {
    const status = statusOf(error)
    if (status !== 304 && status !== 404) throw asRunnerError(error, `stop ${name}`)
  }
}

export async function remove(docker: Docker, name: string): Promise<void> {
  try {
    await call((abortSignal) => docker.getContainer(name).remove({ force: true, v: true, abortSignal }))
  } catch (error) {
    const status = statusOf(error)
    // 409: it is being removed already.
    if (status !== 404 && status !== 409) throw asRunnerError(error, `remove ${name}`)
  }
}

/** All of a target's, running or not. */
export async function listParts(place: DockerPlace, part?: Part): Promise<readonly Docker.ContainerInfo[]> {
  const filters = withLabels(labelsOf(place, part))
  try {
    return await call((abortSignal) => place.docker.listContainers({ all: true, filters, abortSignal }))
  } catch (error) {
    throw asRunnerError(error, `list what is at ${place.target.name}`)
  }
}

export function nameOf(info: Docker.ContainerInfo): string {
  return info.Names[0]?.replace(/^\//, '') ?? info.Id
}

export interface ExecResult {
  readonly code: number
  /** The end of what it printed. */
  readonly output: string
}

export interface ExecOptions {
  readonly user?: string
  readonly env?: readonly string[]
  /** Ends the wait; the command itself ends by its own limit or with the container. */
  readonly signal: AbortSignal
  readonly onOutput?: (text: string) => void
}

/** A command inside, its output read to its end. Never with a terminal, which would change what is binary. */
export async function exec(
  docker: Docker,
  name: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  try {
    const made = await call((abortSignal) =>
      docker.getContainer(name).exec({
        Cmd: [...command],
        AttachStdout: true,
        AttachStderr: true,
        ...(options.user === undefined ? {} : { User: options.user }),
        ...(options.env === undefined ? {} : { Env: [...options.env] }),
        abortSignal,
      }),
    )
    const stream = await hijack(made, { stdin: false })
    const output = await read(stream, options)
    const { ExitCode } = await call((abortSignal) => made.inspect({ abortSignal }))
    return { code: ExitCode ?? 1, output }
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason
    throw asExecError(error, `run a command in ${name}`, name)
  }
}

/** In a container that does not run: Docker may be about to end, or to start it again. */
export function asExecError(error: unknown, doing: string, name: string): RunnerError {
  const words = daemonWords(error)
  if (statusOf(error) !== 409 || !/is (?:not running|restarting|paused)/i.test(words))
    return asRunnerError(error, doing)
  const isPaused = /is paused/i.test(words)
  const remedy = isPaused
    ? `Let it go on (docker unpause ${name}), then do it again.`
    : `Look at it: docker logs ${name}`
  return new RunnerError(
    'unavailable',
    `Docker could not ${doing}: it ${isPaused ? 'is paused' : 'does not run'}.`,
    remedy,
    {
      cause: error,
    },
  )
}

/** Of `exec`: what it was to run in is down, or on its way up. */
export function isDown(error: unknown): boolean {
  return error instanceof RunnerError && statusOf(error.cause) === 409 && !/paused/i.test(error.message)
}

function read(stream: Duplex, { signal, onOutput }: ExecOptions): Promise<string> {
  const tail = new Tail(MAX_WORDS)
  const decoder = new FrameDecoder()
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      stream.destroy()
      reject(signal.reason as Error)
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    stream.on('data', (chunk: Buffer) => {
      const bytes = decoder.push(chunk)
      tail.push(bytes)
      onOutput?.(bytes.toString())
    })
    stream.on('error', reject)
    for (const event of ['end', 'close'] as const) {
      stream.on(event, () => {
        signal.removeEventListener('abort', abort)
        resolve(tail.text())
      })
    }
  })
}

/** The last lines a container printed, for people. */
export function lastWords(docker: Docker, name: string, lines = 15): Promise<string> {
  return printed(docker, name, { tail: lines })
}

/** Lines it printed since then (ms), the last of them where they are many. */
export function wordsSince(docker: Docker, name: string, since: number): Promise<string> {
  return printed(docker, name, { tail: 200, since: since / 1000 })
}

async function printed(
  docker: Docker,
  name: string,
  which: { readonly tail: number; readonly since?: number },
): Promise<string> {
  try {
    const logs = await call((abortSignal) =>
      docker.getContainer(name).logs({ stdout: true, stderr: true, ...which, abortSignal }),
    )
    return new FrameDecoder()
      .push(logs as unknown as Buffer)
      .toString()
      .trim()
  } catch {
    return ''
  }
}

export function labelOf(found: Found, label: keyof typeof LABELS): string | undefined {
  return found.Config.Labels?.[LABELS[label]]
}
