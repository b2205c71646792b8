import { memo, type ReactNode, useState, useSyncExternalStore } from 'react'
import css from './Glows.module.css'
import type { HouseParts } from './houseState.ts'
import type { Seating } from './seating.ts'
import { isMarked, type SeatStates } from './seatStates.ts'

const LIT = ['needs-you', 'conflict'] as const

/** Light around what needs a person, under the seats. */
export const Glows = memo(function Glows({
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
})

/** `needs-you:3 conflict:7`, by task. */
function useLit(states: SeatStates): string {
  const [read] = useState(() => () => {
    const { 'needs-you': needing, conflict } = states.counts()
    if (needing + conflict === 0) return ''
    const lit: string[] = []
    for (let task = 0; task < states.run.tasks.length; task++) {
      const look = states.look(task)
      const mark = LIT.find((one) => isMarked(look, one))
      if (mark !== undefined) lit.push(`${mark}:${task}`)
    }
    return lit.join(' ')
  })
  return useSyncExternalStore(states.watchAll, read)
}
