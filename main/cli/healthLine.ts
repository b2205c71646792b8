import { assertNever } from '../domain/assertNever.ts'
import type { HealthEvent } from '../domain/health/evolveHealth.ts'
import { measureWords } from '../domain/health/words.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to a project's health. */
export function tellHealth(data: HealthEvent): readonly [mark: Mark, text: string] {
  switch (data.type) {
    case 'health.crossed': {
      const words = `${data.role === null ? '' : `${data.role}: `}${measureWords(data.measure, data.value)}`
      if (data.expired) return ['done', `nothing to judge ${data.measure} by any more`]
      return data.bad ? ['failed', words] : ['done', `well again: ${words}`]
    }
    case 'health.slots': {
      if (data.agents === null) return ['running', `as many agents at once as wanted: ${data.reason}`]
      const isFewer = data.was === null || data.agents < data.was
      return [isFewer ? 'waiting' : 'running', `${agents(data.agents)} at once at most: ${data.reason}`]
    }
    case 'health.paused':
      return ['needs-you', `paused: ${data.reason}`]
    default:
      return assertNever(data, 'unknown event')
  }
}

export function agents(count: number): string {
  return count === 1 ? '1 agent' : `${count} agents`
}
