import { assertNever } from '../domain/assertNever.ts'
import type { DomainEvent } from '../domain/events.ts'
import { personOf } from '../domain/gates/approving.ts'
import { placeWords } from '../domain/gates/places.ts'
import type { Run } from '../domain/state.ts'
import type { Mark } from '../domain/status.ts'

/** What happens at gates, in a line. */
type GateEvent = Extract<DomainEvent, { type: `gate.${string}` }>

export function tellGate(
  data: GateEvent,
  run: Run | undefined,
): readonly [mark: Mark, text: string] | undefined {
  const record = run?.gates?.records.find(({ id }) => id === data.id)
  const at = run === undefined || record === undefined ? '' : ` of ${placeWords(run.plan, record.at)}`
  const gate = `gate ${data.gate}${at}`
  switch (data.type) {
    case 'gate.asked':
      return ['running', `${gate} is evaluated`]
    case 'gate.evaluated':
      if (data.verdict === 'lost') return ['waiting', `${gate} is evaluated again: nobody saw how it ended`]
      return data.verdict === 'waiting' ? ['needs-you', `${gate} waits for approval`] : undefined
    case 'gate.delayed':
      return ['needs-you', `${gate} is held up: ${data.error} ${data.remedy}`]
    case 'gate.decided': {
      const who = personOf(data.by) ?? data.by
      const why = data.why === '' ? '' : `: ${data.why}`
      return [data.yes ? 'done' : 'failed', `${who} ${data.yes ? 'approves' : 'rejects'} at ${gate}${why}`]
    }
    case 'gate.settled':
      if (data.state === 'failed') return ['failed', data.why.split('\n')[0]!]
      return data.state === 'passed'
        ? ['done', `${gate} passed`]
        : ['done', `${gate} was let pass by ${personOf(data.by ?? '') ?? 'a person'}: ${data.why}`]
    default:
      return assertNever(data, 'unknown event')
  }
}
