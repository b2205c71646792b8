import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { HouseStore } from './houseState.ts'
import css from './Rings.module.css'
import type { Seating } from './seating.ts'

/** Around the selected seat, the one under the pointer, and, while the keys are here, the one they stand on. */
export function Rings({
  store,
  seating,
  selected,
}: {
  readonly store: HouseStore
  readonly seating: Seating
  readonly selected: number | undefined
}): ReactNode {
  const active = useStore(store, (house) => house.active)
  const hovered = useStore(store, (house) => house.hovered)
  return (
    <g className={css['rings']} aria-hidden>
      <Ring seating={seating} task={hovered} what="hovered" wider={4} />
      <Ring seating={seating} task={selected} what="selected" wider={4} />
      <Ring seating={seating} task={active} what="active" wider={7.5} />
    </g>
  )
}

function Ring({
  seating,
  task,
  what,
  wider,
}: {
  readonly seating: Seating
  readonly task: number | undefined
  readonly what: string
  /** Than the seat, px on each side. */
  readonly wider: number
}): ReactNode {
  const index = task === undefined ? undefined : seating.seatOf.get(task)
  if (index === undefined) return null
  const { x, y } = seating.house.seats[index]!
  return <circle className={css[what]} cx={x} cy={y} r={seating.house.size / 2 + wider} />
}
