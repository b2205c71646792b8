import { memo, type ReactNode, useMemo, useState, useSyncExternalStore } from 'react'
import css from './Glows.module.css'
import type { HouseParts } from './houseState.ts'
import type { Seating } from './seating.ts'
import { isMarked, type SeatStates } from './seatStates.ts'

const GLOWING = ['needs-you', 'conflict'] as const
const LIT = [...GLOWING, 'running'] as const
type Lit = (typeof LIT)[number]

/**
 * Light under the seats: what needs a person glows, what works breathes. In pictures of their own, so that the breath
 * is one layer that moves by itself and the seats above are not drawn anew.
 */
export const Glows = memo(function Glows({
  parts,
  seating,
}: {
  readonly parts: HouseParts
  readonly seating: Seating
}): ReactNode {
  const { house, seatOf, box } = seating
  const lit = useLit(parts.states)
  const seats = useMemo(() => litSeats(lit, seatOf), [lit, seatOf])
  const size = { width: box.width, height: box.height }
  const breath = Math.min(house.size * 0.9, house.pitch * 0.62)
  const glow = Math.max(house.size * 1.5, 18)
  return (
    <>
      <svg {...size} className={css['breath']} aria-hidden>
        {seats.map(
          ([index, mark]) =>
            mark === 'running' && (
              <circle key={index} cx={house.seats[index]!.x} cy={house.seats[index]!.y} r={breath} />
            ),
        )}
      </svg>
      <svg {...size} className={css['glow']} aria-hidden>
        <defs>
          {GLOWING.map((mark) => (
            <radialGradient key={mark} id={`glow-${mark}`} className={css[mark]}>
              <stop offset="0.3" stopOpacity="0.5" />
              <stop offset="0.62" stopOpacity="0.2" />
              <stop offset="1" stopOpacity="0" />
            </radialGradient>
          ))}
        </defs>
        {seats.map(
          ([index, mark]) =>
            mark !== 'running' && (
              <circle
                key={index}
                cx={house.seats[index]!.x}
                cy={house.seats[index]!.y}
                r={glow}
                fill={`url(#glow-${mark})`}
              />
            ),
        )}
      </svg>
    </>
  )
})

/** Of a shared seat, what matters most. */
function litSeats(
  lit: string,
  seatOf: ReadonlyMap<number, number>,
): readonly (readonly [seat: number, mark: Lit])[] {
  const seats = new Map<number, Lit>()
  for (const entry of lit === '' ? [] : lit.split(' ')) {
    const [place, task] = entry.split(':').map(Number)
    const seat = seatOf.get(task!)
    const before = seat === undefined ? undefined : seats.get(seat)
    if (seat === undefined || (before !== undefined && LIT.indexOf(before) <= place!)) continue
    seats.set(seat, LIT[place!]!)
  }
  return [...seats]
}

/** `0:3 2:7`: what of LIT shines on which task. */
function useLit(states: SeatStates): string {
  const [read] = useState(() => () => {
    const { 'needs-you': needing, conflict, running } = states.counts()
    if (needing + conflict + running === 0) return ''
    const lit: string[] = []
    for (let task = 0; task < states.run.tasks.length; task++) {
      const look = states.look(task)
      const place = LIT.findIndex((mark) => isMarked(look, mark))
      if (place >= 0) lit.push(`${place}:${task}`)
    }
    return lit.join(' ')
  })
  return useSyncExternalStore(states.watchAll, read)
}
