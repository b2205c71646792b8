import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { useNow } from '../../state/clock.ts'
import { useWords } from '../../words/language.ts'
import css from './ClockText.module.css'
import { clockOf } from './incidents.ts'
import { words } from './words.ts'

/** From this share of its time on it is told louder. */
const SOON = 0.25

/** How long it has been open and how long is left to respond; how long it took where it is over. */
export function ClockText({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const clock = clockOf(incident, useNow())
  const parts = (): readonly [string, string | undefined, 'calm' | 'soon' | 'late'] => {
    switch (clock.kind) {
      case 'respond': {
        const { openMs, ofMs, leftMs } = clock
        const tone = leftMs <= 0 ? 'late' : leftMs < ofMs * SOON ? 'soon' : 'calm'
        const rest = leftMs <= 0 ? w.overdue(seconds(-leftMs)) : w.left(seconds(leftMs))
        return [w.respond(seconds(openMs), formatDuration(ofMs)), rest, tone]
      }
      case 'open':
        return [
          w.openFor(seconds(clock.openMs)),
          clock.lateMs === null ? undefined : w.late(seconds(clock.lateMs)),
          'calm',
        ]
      case 'over':
        return [w.took(seconds(clock.tookMs), minutes(clock.agoMs)), undefined, 'calm']
    }
  }
  const [first, second, tone] = parts()
  return (
    <span className={css['clock']} data-tone={tone}>
      <span>{first}</span>
      {second !== undefined && <span className={css['left']}>{second}</span>}
    </span>
  )
}

/** To the second: what is shown changes once a second. */
function seconds(ms: number): string {
  return formatDuration(Math.max(1_000, Math.floor(ms / 1_000) * 1_000))
}

function minutes(ms: number): string {
  return formatDuration(Math.max(60_000, Math.floor(ms / 60_000) * 60_000))
}
