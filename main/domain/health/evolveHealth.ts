import { assertNever } from '../assertNever.ts'
import type { DomainEvent } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import { alarmKey, type HealthRecord, KEPT_ACTIONS, type RecoveryAction } from './health.ts'

export type HealthEvent = Extract<DomainEvent, { type: `health.${string}` }>

export function isHealthEvent(data: DomainEvent): data is HealthEvent {
  return data.type.startsWith('health.')
}

export function evolveHealth(project: ProjectRecord, data: HealthEvent, time: number): ProjectRecord {
  return { ...project, health: changed(project.health, data, time) }
}

function changed(health: HealthRecord, data: HealthEvent, time: number): HealthRecord {
  switch (data.type) {
    case 'health.crossed': {
      const { measure, role, value, limit } = data
      const { [alarmKey(measure, role)]: _, ...others } = health.alarms
      if (!data.bad) return { ...health, alarms: others }
      const alarm = { measure, role, value, limit, since: time }
      return { ...health, alarms: { ...others, [alarmKey(measure, role)]: alarm } }
    }
    case 'health.slots': {
      const { agents, was, reason } = data
      const slots = agents === null ? null : { agents, reason, since: time }
      const fewer = agents !== null && (was === null || agents < was)
      const action = fewer ? 'fewer-agents' : 'more-agents'
      return { ...withAction(health, { at: time, action, reason }), slots, steppedAt: time }
    }
    case 'health.paused':
      return withAction(health, { at: time, action: 'paused', reason: `${data.what}: ${data.reason}` })
    default:
      return assertNever(data, 'unknown event')
  }
}

function withAction(health: HealthRecord, action: RecoveryAction): HealthRecord {
  return { ...health, actions: [...health.actions, action].slice(-KEPT_ACTIONS) }
}
