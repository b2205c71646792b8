import { memo, type ReactNode } from 'react'
import css from './Arcs.module.css'
import { arcBetween, edgesOf } from './edges.ts'
import type { HouseParts } from './houseState.ts'
import type { Seating } from './seating.ts'

/** What the selected one waits for, and what waits for it. */
export const Arcs = memo(function Arcs({
  parts,
  seating,
  selected,
}: {
  readonly parts: HouseParts
  readonly seating: Seating
  readonly selected: number | undefined
}): ReactNode {
  const { house, seatOf } = seating
  const here = selected === undefined ? undefined : seatOf.get(selected)
  if (selected === undefined || here === undefined) return null
  const at = house.seats[here]!
  const rim = house.size / 2 + 4
  return (
    <g className={css['arcs']} aria-hidden>
      {edgesOf(parts.plan, selected).map(({ task, kind }) => {
        const other = seatOf.get(task)
        if (other === undefined || other === here) return null
        const seat = house.seats[other]!
        return (
          <g key={`${kind}-${task}`} data-kind={kind}>
            <path d={arcBetween(seat, at, house.centre, rim)} />
            <circle cx={seat.x} cy={seat.y} r={rim} />
          </g>
        )
      })}
    </g>
  )
})
