import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import {
  type AgentObservation,
  type AgentSpec,
  type Runner,
  RunnerError,
  type RunnerHealth,
} from '../../engine/ports/runner.ts'
import { asRunnerError, call, connectDocker, isConnectionError } from './client.ts'
import { pauseAgent, removeAgent, resumeAgent, stopAgent } from './control.ts'
import { execIn } from './exec.ts'
import { ExitWatch } from './exitWatch.ts'
import { resolveImage } from './images.ts'
import { containerName } from './labels.ts'
import { findAgent, listAgents, unlessGone } from './look.ts'
import { createRunNetworks } from './networks.ts'
import { agentOutput } from './output.ts'
import { resizeTerminal, type StartContext, startAgent } from './start.ts'
import { Terminals } from './terminals.ts'
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
  const parts = partsOf(options)
  const { docker, networks, watch, terminals, told } = parts
  return {
    kind: 'docker',
    isolated: true,
    check: () => check(docker),
    // Networks are made with the first agent that needs one.
    prepareRun: () => Promise.resolve(),
    releaseRun: (run) => told(`remove the network of ${run.run}`, () => networks.release(run)),
    resolveImage: (image, projectRoot, onProgress) =>
      told('prepare the image', () => resolveImage(docker, image, projectRoot, onProgress)),
    list: () => told('list the agents', () => listAgents(parts)),
    find: (attempt) => told(`look for ${attempt}`, () => findAgent(parts, attempt)),
    onReconnect: (listener) => watch.onReconnect(listener),
    ...livesOf(parts),
    ...talkWith(parts),
    close: async () => {
      watch.close()
      for (const attempt of terminals.all()) forget(parts, attempt)
      parts.close()
    },
  }
}

type Parts = ReturnType<typeof partsOf>

function partsOf(options: DockerRunnerOptions) {
  const { docker, close } = connectDocker(options.socketPath)
  const { install } = options
  const watch = new ExitWatch(docker, install)
  const networks = createRunNetworks(docker, install)
  const container = (attempt: AttemptId): Docker.Container =>
    docker.getContainer(containerName(install, attempt))
  const terminals = new Terminals(container)
  const cpus = countedOnce(docker)
  const context: StartContext = { ...options, docker, networks, watch, terminals: terminals.started, cpus }
  /** Every call leaves the runner through here: daemon errors become `RunnerError`. */
  const told = async <T>(doing: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (error) {
      if (isConnectionError(error)) watch.suspect()
      throw asRunnerError(error, doing)
    }
  }
  return { docker, install, close, watch, networks, container, terminals, context, told }
}

/** The daemon's processors; asked again where that failed. */
function countedOnce(docker: Docker): () => Promise<number> {
  let cpus: Promise<number> | undefined
  const count = async (): Promise<number> => {
    try {
      return ((await call(() => docker.info())) as { NCPU: number }).NCPU
    } catch (error) {
      cpus = undefined
      throw error
    }
  }
  return () => (cpus ??= count())
}

/** From its start to its removal. */
function livesOf(
  parts: Parts,
): Pick<Runner, 'start' | 'wait' | 'stop' | 'pause' | 'resume' | 'remove' | 'usage'> {
  const { container, watch, terminals, context, told } = parts
  const starting = new Map<AttemptId, Promise<AgentObservation>>()
  const start = async (spec: AgentSpec): Promise<AgentObservation> => {
    const observation = await startAgent(context, spec)
    terminals.begun(spec.attempt, spec.tty !== null)
    return observation
  }
  return {
    start: (spec) => {
      const under = starting.get(spec.attempt)
      if (under !== undefined) return under
      const answer = told(`start ${spec.attempt}`, () => start(spec)).finally(() =>
        starting.delete(spec.attempt),
      )
      starting.set(spec.attempt, answer)
      return answer
    },
    wait: (attempt, signal) => watch.wait(attempt, signal),
    stop: (attempt, graceMs) =>
      told(`stop ${attempt}`, () => stopAgent(container(attempt), watch, attempt, graceMs)),
    pause: (attempt) => told(`pause ${attempt}`, () => pauseAgent(container(attempt))),
    resume: (attempt) => told(`resume ${attempt}`, () => resumeAgent(container(attempt))),
    remove: async (attempt) => {
      await told(`remove ${attempt}`, () => removeAgent(container(attempt)))
      forget(parts, attempt)
    },
    usage: (attempt) =>
      told(`measure ${attempt}`, () =>
        unlessGone(() => call((abortSignal) => readUsage(container(attempt), abortSignal))),
      ),
  }
}

/** What it says, what is said to it, and what is run beside it. */
function talkWith({
  container,
  watch,
  terminals,
  told,
}: Parts): Pick<Runner, 'output' | 'input' | 'resize' | 'exec'> {
  return {
    output: (attempt, from, signal) => {
      const source = { container: container(attempt), attempt, watch, tty: terminals.hasTty(attempt) }
      return agentOutput(source, terminals.started.get(attempt), from, signal)
    },
    input: (attempt, data) => told(`type into ${attempt}`, () => terminals.type(attempt, data)),
    resize: (attempt, columns, rows) =>
      told(`resize ${attempt}`, () => resizeTerminal(container(attempt), columns, rows)),
    exec: async (attempt, command, timeoutMs, signal) => {
      const result = await told(`run a command in ${attempt}`, () =>
        execIn(container(attempt), attempt, command, timeoutMs, signal),
      )
      if (result === undefined) throw signal.reason
      return result
    },
  }
}

function forget({ watch, terminals }: Parts, attempt: AttemptId): void {
  watch.forget(attempt)
  terminals.forget(attempt)
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
