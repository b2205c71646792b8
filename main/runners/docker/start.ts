import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { type AgentObservation, type AgentSpec, RunnerError } from '../../engine/ports/runner.ts'
import { call, daemonWords, isConnectionError, isForgotten, statusOf } from './client.ts'
import { containerOptions } from './containerSpec.ts'
import type { ExitWatch } from './exitWatch.ts'
import { noImageError } from './images.ts'
import { containerName } from './labels.ts'
import { prepareExchange } from './latch.ts'
import type { RunNetworks } from './networks.ts'
import { exitFrom, observe, statusFrom } from './observe.ts'
import { Terminal } from './terminal.ts'

const NAME_POLL_MS = 25
const NAME_LIMIT_MS = 30_000

/** What starting needs of the runner. */
export interface StartContext {
  readonly docker: Docker
  readonly install: string
  readonly uid: number
  readonly gid: number
  readonly cpus: () => Promise<number>
  readonly networks: RunNetworks
  readonly watch: ExitWatch
  /** Live terminals of agents started here. */
  readonly terminals: Map<AttemptId, Terminal>
}

/**
 * Starts an agent at most once. The name is the attempt's, so a second create meets the first (409) and what is
 * there is answered instead; only a container that was never started is started, and the latch inside refuses what
 * slips through between looking and starting. Two Docker calls where nothing is there yet.
 */
export async function startAgent(context: StartContext, spec: AgentSpec): Promise<AgentObservation> {
  const { docker, watch } = context
  await watch.open()
  prepareExchange(spec.exchange, context.uid, context.gid)
  const deadline = Date.now() + NAME_LIMIT_MS
  for (let remade = false; ; ) {
    const own = await context.networks.idsFor(spec.network, spec)
    const networks = [...own, ...(spec.attachment?.networks ?? [])]
    const there = await createOrFind(context, spec, networks[0] ?? 'none')
    if (there === undefined) {
      if (Date.now() > deadline) throw nameTakenError(spec)
      await delay(NAME_POLL_MS)
      continue
    }
    if (typeof there !== 'string' && there.status !== 'created') return there
    if (typeof there === 'string') watch.expect(spec.attempt)
    const container = docker.getContainer(typeof there === 'string' ? there : there.handle)
    try {
      await joinNetworks(docker, container, networks.slice(1))
      return await startCreated(context, spec, container)
    } catch (error) {
      const isNetworkGone = statusOf(error) === 404 && /network/i.test(daemonWords(error))
      if (remade || !(isNetworkGone || isForgotten(error))) throw error
      // Somebody removed the run's network, or Docker forgot the container's start: make both anew, once. The latch
      // refuses what had begun all the same.
      remade = true
      context.networks.forget(spec)
      await container.remove({ force: true, v: true })
    }
  }
}

/**
 * An id: made just now. An observation: was there already. Undefined: the name is taken by one that is just being
 * made (Docker reserves names first) or removed.
 */
async function createOrFind(
  context: StartContext,
  spec: AgentSpec,
  network: string,
): Promise<AgentObservation | string | undefined> {
  const { docker, install, uid, gid } = context
  const name = containerName(install, spec.attempt)
  const options = containerOptions(spec, { install, uid, gid, cpus: await context.cpus(), network })
  try {
    const made = await call((abortSignal) => docker.createContainer({ ...options, name, abortSignal }))
    return made.id
  } catch (error) {
    if (statusOf(error) === 404 && /no such image/i.test(daemonWords(error)))
      throw noImageError(spec.image, error)
    if (statusOf(error) !== 409) throw error
  }
  try {
    const info = await call((abortSignal) => docker.getContainer(name).inspect({ abortSignal }))
    return observe(info)
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

function nameTakenError(spec: AgentSpec): RunnerError {
  const remedy = 'Try again; if it stays so, restart the Docker daemon.'
  return new RunnerError('unavailable', `Docker does not finish making or removing ${spec.attempt}.`, remedy)
}

async function joinNetworks(
  docker: Docker,
  container: Docker.Container,
  networks: readonly string[],
): Promise<void> {
  for (const id of networks) {
    try {
      await call(() => docker.getNetwork(id).connect({ Container: container.id }))
    } catch (error) {
      // On it already, from a start that broke off here.
      if (statusOf(error) !== 403 || !/already exists/i.test(daemonWords(error))) throw error
    }
  }
}

async function startCreated(
  context: StartContext,
  spec: AgentSpec,
  container: Docker.Container,
): Promise<AgentObservation> {
  const terminal = spec.tty === null ? undefined : await Terminal.attach(container, true)
  if (terminal !== undefined) context.terminals.set(spec.attempt, terminal)
  try {
    await askToStart(container)
  } catch (error) {
    terminal?.close()
    context.terminals.delete(spec.attempt)
    const status = statusOf(error)
    const failed = status !== undefined && /oci runtime|exec format|executable file/i.test(daemonWords(error))
    if (status !== 304 && !failed) throw error
    return await answerFound(context, spec, container, failed)
  }
  if (spec.tty !== null) await resizeTerminal(container, spec.tty.columns, spec.tty.rows)
  return {
    attempt: spec.attempt,
    handle: container.id,
    status: 'running',
    startedAt: Date.now(),
    exit: null,
  }
}

/**
 * When the answer is lost, looks before asking again: what ended in the meantime would be started anew, and though
 * the latch keeps the command from running, its exit code would be overwritten.
 */
async function askToStart(container: Docker.Container): Promise<void> {
  try {
    await container.start()
  } catch (error) {
    if (!isConnectionError(error)) throw error
    const info = await call((abortSignal) => container.inspect({ abortSignal }))
    if (statusFrom(info.State.Status) === 'created') await container.start()
  }
}

/** After a start that did nothing: it runs already, or its command cannot be run at all. */
async function answerFound(
  context: StartContext,
  spec: AgentSpec,
  container: Docker.Container,
  failed: boolean,
): Promise<AgentObservation> {
  const info = await call((abortSignal) => container.inspect({ abortSignal }))
  const found = observe(info)
  if (found === undefined)
    throw new RunnerError('refused', `${spec.attempt} is being removed.`, 'Start a new attempt.')
  if (!failed || found.status !== 'created') return found
  // Docker goes on calling it created; to everyone else it is over.
  const exit = { ...exitFrom(info), finishedAt: Date.now() }
  context.watch.settle(spec.attempt, exit)
  return { ...found, status: 'exited', exit }
}

/** Nothing to do for one that is not running. */
export async function resizeTerminal(
  container: Docker.Container,
  columns: number,
  rows: number,
): Promise<void> {
  try {
    await call((abortSignal) => container.resize({ w: columns, h: rows, abortSignal }))
  } catch (error) {
    if (statusOf(error) === undefined) throw error
  }
}
