import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { askedAbout } from './calls.ts'
import css from './Glows.module.css'
import type { HouseParts } from './houseState.ts'
import type { Seating } from './seating.ts'
import type { SeatStates } from './seatStates.ts'

const LIT = ['needs-you', 'conflict'] as const

/** Light around what needs a person, under the seats. */
export function Glows({
  parts,
  seating,
}: {
  readonly parts: HouseParts
  readonly seating: Seating
}): ReactNode {
  const { house, seatOf } = seating
  const lit = useLit(parts.states)
  return (
    <>
      <defs>
        {LIT.map((mark) => (
          <radialGradient key={mark} id={`glow-${mark}`}>
            <stop offset="0.3" stopColor={`var(--${mark})`} stopOpacity="0.4" />
            <stop offset="0.62" stopColor={`var(--${mark})`} stopOpacity="0.16" />
            <stop offset="1" stopColor={`var(--${mark})`} stopOpacity="0" />
          </radialGradient>
        ))}
      </defs>
      <g className={css['glows']} aria-hidden>
        {lit === ''
          ? null
          : lit.split(' ').map((entry) => {
              const [mark, task] = entry.split(':')
              const seat = house.seats[seatOf.get(Number(task)) ?? -1]
              if (seat === undefined) return null
              return (
                <circle
                  key={task}
                  cx={seat.x}
                  cy={seat.y}
                  r={Math.max(house.size * 1.5, 18)}
                  fill={`url(#glow-${mark})`}
                />
              )
            })}
      </g>
    </>
  )
}

/** `needs-you:3 conflict:7`, by task. */
function useLit(states: SeatStates): string {
  const [read] = useState(() => () => {
    const { run } = states
    const asked = askedAbout(run)
    const { 'needs-you': needing, conflict } = states.counts()
    if (asked.size + needing + conflict === 0) return ''
    const lit: string[] = []
    for (let task = 0; task < run.tasks.length; task++) {
      const { mark } = states.look(task)
      if (asked.has(task) || mark === 'needs-you') lit.push(`needs-you:${task}`)
      else if (mark === 'conflict') lit.push(`conflict:${task}`)
    }
    return lit.join(' ')
  })
  return useSyncExternalStore(states.watchAll, read)
}
