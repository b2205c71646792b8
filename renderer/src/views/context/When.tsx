import type { ReactNode } from 'react'
import { usePreference } from '../../state/preferences.ts'
import { timeText } from '../events/timeText.ts'

/** A time of day, or a day with its time. */
export function When({ at }: { readonly at: number }): ReactNode {
  const language = usePreference('language')
  return (
    <time className="muted" dateTime={new Date(at).toISOString()}>
      {timeText(at, Date.now(), language)}
    </time>
  )
}

/** Who acts is known with a kind, `person:ann`; people are known without, agents by their task. */
export function actorName(by: string): string {
  return by.replace(/^(?:person|agent):/, '')
}
