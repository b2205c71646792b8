import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import type { AgentObservation } from '../../engine/ports/runner.ts'
import { call, statusOf } from './client.ts'
import type { ExitWatch } from './exitWatch.ts'
import { containerName, LABELS, withLabels } from './labels.ts'
import { exitFrom, observe, observeListed } from './observe.ts'

/** Where an installation's agents are looked for. */
export interface LookContext {
  readonly docker: Docker
  readonly install: string
  readonly watch: ExitWatch
}

export async function findAgent(
  { docker, install }: LookContext,
  attempt: AttemptId,
): Promise<AgentObservation | undefined> {
  const container = docker.getContainer(containerName(install, attempt))
  const info = await unlessGone(() => call((abortSignal) => container.inspect({ abortSignal })))
  return info === undefined ? undefined : observe(info)
}

export async function listAgents(context: LookContext): Promise<readonly AgentObservation[]> {
  const { docker, install } = context
  // What stands at targets is of this install as well, and nobody's agent.
  const filters = { label: [...withLabels({ [LABELS.install]: install }).label, LABELS.attempt] }
  const all = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
  const seen = await Promise.all(all.map((info) => completed(context, info)))
  return seen.filter((one) => one !== undefined)
}

/** The list does not say how exited ones ended; each is asked for once. */
async function completed(
  { docker, watch }: LookContext,
  info: Docker.ContainerInfo,
): Promise<AgentObservation | undefined> {
  const seen = observeListed(info)
  if (seen?.status !== 'exited') return seen
  const known = watch.exitOf(seen.attempt)
  if (known !== undefined) return { ...seen, exit: known }
  const container = docker.getContainer(info.Id)
  const details = await unlessGone(() => call((abortSignal) => container.inspect({ abortSignal })))
  return details === undefined ? undefined : { ...seen, exit: exitFrom(details) }
}

/** Undefined where there is no such container any more. */
export async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
