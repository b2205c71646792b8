import { assertNever } from '../../../../main/domain/assertNever.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RegisteredEvent } from '../../../../main/domain/registered/evolveRegistered.ts'
import type { Like } from '../../words/language.ts'
import type { registeredSentences } from './registeredWords.ts'

/** What happened to an agent that was started by hand. `holder` names one that has its locks. */
export function sentenceOfRegistered(
  w: Like<(typeof registeredSentences)['en']>,
  data: RegisteredEvent,
  holder: (id: string) => string,
): string {
  const of = data.agent
  switch (data.type) {
    case 'registered.added':
      return w.added(of, data.name, data.files.join(', '))
    case 'registered.waiting':
      return w.waiting(of)
    case 'registered.blocked':
      return w.blocked(of, data.behind.map(holder).join(', '))
    case 'registered.unblocked':
      return w.unblocked(of)
    case 'registered.started':
      return w.started(of)
    case 'registered.conflicted':
      return w.conflicted(of, data.conflict)
    case 'registered.reconciled':
      return w.reconciled(of)
    case 'registered.renewed':
      return w.renewed(of)
    case 'registered.stop-asked':
      return w.stopAsked(of, data.by)
    case 'registered.timed-out':
      return w.timedOut(of, formatDuration(data.limitMs))
    case 'registered.completing':
      return data.commit === null ? w.completing(of) : w.committed(of, data.commit.slice(0, 7))
    case 'registered.completed':
      return w.completed(of)
    case 'registered.terminated':
      return w.terminated(of, data.detail === '' ? data.cause : data.detail)
    case 'registered.signalled':
      return w.signalled(of)
    default:
      return assertNever(data, 'unknown event')
  }
}
