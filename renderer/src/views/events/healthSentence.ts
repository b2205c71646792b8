import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { HealthEvent } from '../../../../main/domain/health/evolveHealth.ts'
import { valueWords } from '../../../../main/domain/health/words.ts'
import type { Like } from '../../words/language.ts'
import type { healthSentences } from './healthWords.ts'

export function sentenceOfHealth(w: Like<(typeof healthSentences)['en']>, data: HealthEvent): string {
  switch (data.type) {
    case 'health.crossed': {
      const who = data.role === null ? '' : w.who(data.role)
      if (data.expired) return w.expired(who, data.measure)
      const what = w.measures[data.measure](valueWords(data.measure, data.value))
      return (data.bad ? w.bad : w.well)(who, what)
    }
    case 'health.slots':
      return data.agents === null ? w.all(data.reason) : w.fewer(data.agents, data.reason)
    case 'health.paused':
      return w.paused(data.what, data.reason)
    default:
      return assertNever(data, 'unknown event')
  }
}
