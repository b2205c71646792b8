import { assertNever } from '../assertNever.ts'
import { formatBytes } from '../bytes.ts'
import { formatDuration } from '../duration.ts'
import type { Measure } from './policy.ts'

/** A value of a measure in words, in English as all of the engine's reasons. */
export function measureWords(measure: Measure, value: number): string {
  const told = valueWords(measure, value)
  switch (measure) {
    case 'agent_task_completion_rate':
      return `${told} of tasks are completed`
    case 'agent_error_frequency':
      return `${told} of attempts fail`
    case 'agent_response_latency':
      return `agents take ${told} to begin`
    case 'host_memory_used':
      return `memory is ${told} full`
    case 'host_load':
      return `${told} programs want each core`
    case 'host_disk_free':
      return `${told} are free on the disk`
    case 'host_runner_reachable':
      return value < 1 ? 'what runs agents does not answer' : 'what runs agents answers'
    case 'target_memory_used':
      return `its memory is ${told} full`
    case 'target_restarts':
      return value === 0 ? 'it does not break down any more' : `it broke down and was started again ${told}`
    case 'target_error_rate':
      return `${told} of requests to it fail`
    default:
      return assertNever(measure, 'unknown measure')
  }
}

/** The value alone, with its unit. */
export function valueWords(measure: Measure, value: number): string {
  switch (measure) {
    case 'agent_task_completion_rate':
    case 'agent_error_frequency':
    case 'host_memory_used':
    case 'target_memory_used':
    case 'target_error_rate':
      return percent(value)
    case 'agent_response_latency':
      return formatDuration(value)
    case 'host_load':
      return (Math.round(value * 10) / 10).toFixed(1)
    case 'host_disk_free':
      return formatBytes(value)
    case 'host_runner_reachable':
      return String(value)
    case 'target_restarts':
      return value === 1 ? 'once' : `${value} times`
    default:
      return assertNever(measure, 'unknown measure')
  }
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
