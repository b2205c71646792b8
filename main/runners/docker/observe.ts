import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import type { AgentExit, AgentObservation } from '../../engine/ports/runner.ts'
import { LABELS } from './labels.ts'
import { EXCHANGE, latchedAt } from './latch.ts'

type Status = AgentObservation['status']

/** Docker's words for a container's state. `removing` is on its way out and counts as gone. */
export function statusFrom(state: string): Status | undefined {
  switch (state) {
    case 'created':
      return 'created'
    case 'running':
    case 'restarting':
      return 'running'
    case 'paused':
      return 'paused'
    case 'exited':
    case 'dead':
      return 'exited'
    default:
      return undefined
  }
}

/** One inspected container; undefined for one that is being removed. */
export function observe(info: Docker.ContainerInspectInfo): AgentObservation | undefined {
  const status = statusFrom(info.State.Status)
  if (status === undefined) return undefined
  return {
    attempt: info.Config.Labels[LABELS.attempt] as AttemptId,
    handle: info.Id,
    status,
    startedAt: status === 'created' ? null : timeOf(info.State.StartedAt),
    exit: status === 'exited' ? exitFrom(info) : null,
  }
}

/**
 * One line of the container list; the exit is left to the caller, who has to inspect for it. The list has no
 * start time, the latch in the exchange folder has.
 */
export function observeListed(info: Docker.ContainerInfo): AgentObservation | undefined {
  const status = statusFrom(info.State)
  if (status === undefined) return undefined
  const exchange = info.Mounts.find((mount) => mount.Destination === EXCHANGE)?.Source
  const latched = exchange === undefined ? undefined : latchedAt(exchange)
  return {
    attempt: info.Labels[LABELS.attempt] as AttemptId,
    handle: info.Id,
    status,
    startedAt: status === 'created' ? null : (latched ?? info.Created * 1000),
    exit: null,
  }
}

/** How an exited container ended. Whether its memory ran out is in the state only once it is over. */
export function exitFrom(info: Docker.ContainerInspectInfo): AgentExit {
  return {
    code: info.State.ExitCode,
    oomKilled: info.State.OOMKilled,
    finishedAt: timeOf(info.State.FinishedAt) ?? timeOf(info.State.StartedAt) ?? Date.now(),
    error: failureOf(info),
  }
}

/** Why the command never ran: the daemon's own words, or what can be told from a latch that nobody took. */
function failureOf(info: Docker.ContainerInspectInfo): string | null {
  if (info.State.Error !== '') return info.State.Error
  const exchange = info.Mounts.find((mount) => mount.Destination === EXCHANGE)?.Source
  if (info.State.ExitCode === 0 || exchange === undefined || latchedAt(exchange) !== undefined) return null
  switch (info.State.ExitCode) {
    case 127:
      return `The image ${info.Config.Image} has no shell (sh) to run the command with.`
    case 126:
      return `The shell of the image ${info.Config.Image} cannot be run here (made for another kind of machine?), or may not write ${EXCHANGE}.`
    default:
      return 'The container ended before it ran the command.'
  }
}

/** Docker's times; the year 1 stands for "never". */
function timeOf(text: string): number | null {
  const time = Date.parse(text)
  return Number.isNaN(time) || time <= 0 ? null : time
}
