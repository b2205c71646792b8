import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import {
  type AgentObservation,
  type AgentSpec,
  type Runner,
  RunnerError,
  type RunnerHealth,
} from '../../engine/ports/runner.ts'
import { asRunnerError, call, connectDocker, isConnectionError, statusOf } from './client.ts'
import { pauseAgent, removeAgent, resumeAgent, stopAgent } from './control.ts'
import { execIn } from './exec.ts'
import { ExitWatch } from './exitWatch.ts'
import { resolveImage } from './images.ts'
import { containerName, LABELS, withLabels } from './labels.ts'
import { createRunNetworks } from './networks.ts'
import { exitFrom, observe, observeListed } from './observe.ts'
import { agentOutput } from './output.ts'
import { resizeTerminal, type StartContext, startAgent } from './start.ts'
import { Terminal } from './terminal.ts'
import { readUsage } from './usage.ts'

export interface DockerRunnerOptions {
  /** Tells this installation's containers from everyone else's. */
  readonly install: string
  /** The daemon's socket; default: `DOCKER_HOST`, or the usual place. */
  readonly socketPath?: string
  /** The user agents run as; not root. Workspaces belong to it. */
  readonly uid: number
  readonly gid: number
}

/** Agents as hardened containers of one Docker daemon. Throws `RunnerError('refused')` for a root user. */
export function createDockerRunner(options: DockerRunnerOptions): Runner {
  if (options.uid === 0) {
    throw new RunnerError('refused', 'Agents must not run as root.', 'Give a user id other than 0.')
  }
  const { docker, close } = connectDocker(options.socketPath)
  const { install } = options
  const watch = new ExitWatch(docker, install)
  const networks = createRunNetworks(docker, install)
  const terminals = new Map<AttemptId, Terminal>()
  /** Connections for typing into agents that an earlier process started. */
  const typing = new Map<AttemptId, Promise<Terminal>>()
  /** Of agents started here, so that reading their output needs no look first. */
  const ttys = new Map<AttemptId, boolean>()
  const starting = new Map<AttemptId, Promise<AgentObservation>>()
  let cpus: Promise<number> | undefined
  const context: StartContext = {
    ...options,
    docker,
    networks,
    watch,
    terminals,
    cpus: () => (cpus ??= countCpus()),
  }

  const container = (attempt: AttemptId): Docker.Container =>
    docker.getContainer(containerName(install, attempt))

  async function countCpus(): Promise<number> {
    try {
      const info = (await call(() => docker.info())) as { NCPU: number }
      return info.NCPU
    } catch (error) {
      cpus = undefined
      throw error
    }
  }

  /** Every call leaves the runner through here: daemon errors become `RunnerError`. */
  async function told<T>(doing: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (isConnectionError(error)) watch.suspect()
      throw asRunnerError(error, doing)
    }
  }

  async function start(spec: AgentSpec): Promise<AgentObservation> {
    const observation = await startAgent(context, spec)
    ttys.set(spec.attempt, spec.tty !== null)
    return observation
  }

  async function find(attempt: AttemptId): Promise<AgentObservation | undefined> {
    try {
      const info = await call((abortSignal) => container(attempt).inspect({ abortSignal }))
      return observe(info)
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async function list(): Promise<readonly AgentObservation[]> {
    // What stands at targets is of this install as well, and nobody's agent.
    const filters = { label: [...withLabels({ [LABELS.install]: install }).label, LABELS.attempt] }
    const all = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
    const seen = await Promise.all(all.map((info) => completed(info)))
    return seen.filter((one) => one !== undefined)
  }

  /** The list does not say how exited ones ended; each is asked for once. */
  async function completed(info: Docker.ContainerInfo): Promise<AgentObservation | undefined> {
    const seen = observeListed(info)
    if (seen?.status !== 'exited') return seen
    const known = watch.exitOf(seen.attempt)
    if (known !== undefined) return { ...seen, exit: known }
    try {
      const details = await call((abortSignal) => docker.getContainer(info.Id).inspect({ abortSignal }))
      return { ...seen, exit: exitFrom(details) }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async function type(attempt: AttemptId, data: Uint8Array): Promise<void> {
    const live = terminals.get(attempt)
    if (live !== undefined && !live.ended) return await live.write(data)
    const info = await call((abortSignal) => container(attempt).inspect({ abortSignal }))
    if (!info.State.Running || !info.Config.Tty) {
      const why = info.State.Running ? 'has no terminal' : 'is not running'
      throw new RunnerError(
        'refused',
        `${attempt} ${why}.`,
        'Only running agents with a terminal take input.',
      )
    }
    const open = typing.get(attempt)
    if (open !== undefined && !(await open).ended) return await (await open).write(data)
    const attaching = Terminal.attach(container(attempt), false)
    typing.set(attempt, attaching)
    attaching.catch(() => typing.delete(attempt))
    await (await attaching).write(data)
  }

  function forget(attempt: AttemptId): void {
    watch.forget(attempt)
    terminals.get(attempt)?.close()
    terminals.delete(attempt)
    typing.get(attempt)?.then(
      (terminal) => terminal.close(),
      () => undefined,
    )
    typing.delete(attempt)
    ttys.delete(attempt)
  }

  return {
    kind: 'docker',
    isolated: true,
    check: () => check(docker),
    // Networks are made with the first agent that needs one.
    prepareRun: () => Promise.resolve(),
    releaseRun: (run) => told(`remove the network of ${run.run}`, () => networks.release(run)),
    resolveImage: (image, projectRoot, onProgress) =>
      told('prepare the image', () => resolveImage(docker, image, projectRoot, onProgress)),
    start: (spec) => {
      const under = starting.get(spec.attempt)
      if (under !== undefined) return under
      const answer = told(`start ${spec.attempt}`, () => start(spec)).finally(() =>
        starting.delete(spec.attempt),
      )
      starting.set(spec.attempt, answer)
      return answer
    },
    list: () => told('list the agents', list),
    find: (attempt) => told(`look for ${attempt}`, () => find(attempt)),
    wait: (attempt, signal) => watch.wait(attempt, signal),
    stop: (attempt, graceMs) =>
      told(`stop ${attempt}`, () => stopAgent(container(attempt), watch, attempt, graceMs)),
    pause: (attempt) => told(`pause ${attempt}`, () => pauseAgent(container(attempt))),
    resume: (attempt) => told(`resume ${attempt}`, () => resumeAgent(container(attempt))),
    remove: async (attempt) => {
      await told(`remove ${attempt}`, () => removeAgent(container(attempt)))
      forget(attempt)
    },
    output: (attempt, from, signal) => {
      const source = { container: container(attempt), attempt, watch, tty: ttys.get(attempt) }
      return agentOutput(source, terminals.get(attempt), from, signal)
    },
    input: (attempt, data) => told(`type into ${attempt}`, () => type(attempt, data)),
    resize: (attempt, columns, rows) =>
      told(`resize ${attempt}`, () => resizeTerminal(container(attempt), columns, rows)),
    exec: async (attempt, command, timeoutMs, signal) => {
      const result = await told(`run a command in ${attempt}`, () =>
        execIn(container(attempt), attempt, command, timeoutMs, signal),
      )
      if (result === undefined) throw signal.reason
      return result
    },
    usage: (attempt) =>
      told(`measure ${attempt}`, async () => {
        try {
          return await call((abortSignal) => readUsage(container(attempt), abortSignal))
        } catch (error) {
          if (statusOf(error) === 404) return undefined
          throw error
        }
      }),
    onReconnect: (listener) => watch.onReconnect(listener),
    close: async () => {
      watch.close()
      for (const attempt of [...terminals.keys(), ...typing.keys()]) forget(attempt)
      close()
    },
  }
}

async function check(docker: Docker): Promise<RunnerHealth> {
  try {
    const version = (await docker.version()) as { Version: string; Os: string }
    if (version.Os === 'linux') return { status: 'ready', version: version.Version }
    const remedy = 'Switch Docker Desktop to Linux containers.'
    return {
      status: 'unavailable',
      reason: `Docker runs ${version.Os} containers; agents need Linux.`,
      remedy,
    }
  } catch (error) {
    const { message, remedy } = asRunnerError(error, 'tell its version')
    return { status: 'unavailable', reason: message, remedy }
  }
}
