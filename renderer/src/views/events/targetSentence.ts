import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { DomainEvent } from '../../../../main/domain/events.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { TargetEvent } from '../../../../main/domain/targets/evolveTargets.ts'
import type { TargetState } from '../../../../main/domain/targets/target.ts'
import type { Like } from '../../words/language.ts'
import type { targetSentences } from './targetWords.ts'

export function isTargetEvent(data: DomainEvent): data is TargetEvent {
  return data.type.startsWith('target.')
}

/** What happened to a target. `holder` names the attempt that did it. */
export function sentenceOfTarget(
  w: Like<(typeof targetSentences)['en']>,
  data: TargetEvent,
  holder: (id: string) => string,
): string {
  switch (data.type) {
    case 'target.declared':
      return w.declared(data.spec.name)
    case 'target.busy':
      return data.by === null ? w.free(data.target) : w.busy(data.target, holder(data.by))
    case 'target.released':
      return w.released(data.target, data.release.version, holder(data.by))
    case 'target.state':
      return w.states[data.state](data.target, data.reason ?? '')
    case 'target.taken-down':
      return data.data ? w.takenDownWithData(data.target) : w.takenDown(data.target)
    case 'target.forgotten':
      return w.forgotten(data.target)
    default:
      return assertNever(data, 'unknown event')
  }
}

export const TARGET_MARKS: Readonly<Record<TargetState, Mark>> = {
  unknown: 'needs-you',
  healthy: 'done',
  unverified: 'waiting',
  unhealthy: 'failed',
  half: 'needs-you',
}
