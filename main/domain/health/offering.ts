import { assertNever } from '../assertNever.ts'
import type { Severity } from '../incidents/policy.ts'
import type { Trouble } from '../incidents/raising.ts'
import type { Crossing } from './gauge.ts'
import { isTargetMeasure } from './policy.ts'
import { measureWords } from './words.ts'

/** The incident that a crossing is; undefined for what is looked after without one. */
export function troubleOf({ measure, role, bad, value }: Crossing): Trouble | undefined {
  const severity = severityOf(measure)
  const target = isTargetMeasure(measure) ? role : null
  // A role that does badly shows in all together before it is an incident.
  if (!bad || role !== target || severity === null) return undefined
  const title = `${target === null ? '' : `${target}: `}${measureWords(measure, value)}`
  return {
    severity,
    title: title[0]!.toUpperCase() + title.slice(1),
    text: '',
    target,
    labels: { measure },
    group: null,
    source: { kind: 'health', ref: measure },
    role: null,
  }
}

/** A task came to grief so often that it was paused: a person is asked there, and it is seen here. */
export function flappingTrouble(what: string, target: string | null): Trouble {
  return {
    severity: 'P2',
    title: `${what} came to grief again and again, and is paused`,
    text: '',
    target,
    labels: { measure: FLAPPING },
    group: null,
    source: { kind: 'health', ref: FLAPPING },
    role: null,
  }
}

const FLAPPING = 'flapping'

function severityOf(measure: Crossing['measure']): Severity | null {
  switch (measure) {
    // Nothing can be started, stopped or rolled back.
    case 'host_runner_reachable':
    case 'host_disk_free':
    // People who use it feel it, or will soon.
    case 'target_memory_used':
    case 'target_restarts':
    case 'target_error_rate':
      return 'P1'
    case 'agent_task_completion_rate':
      return 'P2'
    case 'agent_error_frequency':
    case 'agent_response_latency':
    case 'host_memory_used':
    case 'host_load':
      return null
    default:
      return assertNever(measure, 'unknown measure')
  }
}
