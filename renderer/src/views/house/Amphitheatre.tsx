import { type MouseEvent, memo, type PointerEvent, type ReactNode, useMemo } from 'react'
import { useStore } from 'zustand'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useWords } from '../../words/language.ts'
import css from './Amphitheatre.module.css'
import { Arcs } from './Arcs.tsx'
import { Bands, TierLabels } from './Bands.tsx'
import { Glows } from './Glows.tsx'
import { type HouseParts, leadOf, openTerminal, select, startOf } from './houseState.ts'
import { nameOfTier } from './names.ts'
import { Popover } from './Popover.tsx'
import { Rings } from './Rings.tsx'
import { SharedSeat, SingleSeat, seatId } from './Seat.tsx'
import { Stage } from './Stage.tsx'
import { membersOf, type Seating, seatingOf } from './seating.ts'
import { useBox } from './useBox.ts'
import { isStep, walk } from './walk.ts'
import { words } from './words.ts'

const KEYS_ID = 'house-keys'

/** The seats around the stage; one stop of the tab key, arrows walk. */
export function Amphitheatre({ parts, run }: { readonly parts: HouseParts; readonly run: Run }): ReactNode {
  const [ref, box] = useBox<HTMLDivElement>()
  const seating = useMemo(() => (box === undefined ? undefined : seatingOf(parts.tiers, box)), [parts, box])
  return (
    <div ref={ref} className={css['hall']}>
      {seating !== undefined && box !== undefined && (
        <>
          <Seats parts={parts} seating={seating} />
          <TierLabels parts={parts} house={seating.house} />
          <Stage run={run} house={seating.house} />
          <Popover parts={parts} seating={seating} run={run} />
        </>
      )}
    </div>
  )
}

interface Props {
  readonly parts: HouseParts
  readonly seating: Seating
}

const Seats = memo(function Seats({ parts, seating }: Props): ReactNode {
  const w = useWords(words)
  const { store, plan } = parts
  const size = { width: seating.box.width, height: seating.box.height }
  const named = usePlace().task
  const selected = named === undefined ? undefined : planIndex(plan).byId.get(named as never)
  const active = useStore(store, (house) => house.active)
  const only = useStore(store, (house) => house.only)
  const handlers = useMemo(() => handlersOf(parts, seating), [parts, seating])
  const at = active === undefined ? undefined : seating.seatOf.get(active)
  const onFocus = (): void => {
    if (store.getState().active === undefined) store.setState({ active: startOf(parts, named) })
  }
  return (
    <>
      <div
        role="listbox"
        tabIndex={0}
        aria-label={w.seats(plan.title)}
        aria-describedby={KEYS_ID}
        aria-activedescendant={at === undefined ? undefined : seatId(at)}
        className={css['seats']}
        data-only={only}
        onFocus={onFocus}
        {...handlers}
      >
        <svg {...size} aria-hidden>
          <Bands parts={parts} house={seating.house} />
        </svg>
        <Glows parts={parts} seating={seating} />
        <Tiers parts={parts} seating={seating} selected={selected} />
        <svg {...size} aria-hidden>
          <Arcs parts={parts} seating={seating} selected={selected} />
          <Rings store={store} seating={seating} selected={selected} />
        </svg>
      </div>
      <p id={KEYS_ID} className="visually-hidden">
        {w.keys}
      </p>
    </>
  )
})

/** A picture a tier: a change in one draws none of the others anew. */
const Tiers = memo(function Tiers({
  parts,
  seating,
  selected,
}: Props & { readonly selected: number | undefined }): ReactNode {
  const w = useWords(words)
  const { house, bySeat } = seating
  const chosen = selected === undefined ? undefined : seating.seatOf.get(selected)
  return parts.tiers.map((tier, number) => (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no other
    <svg
      key={tier.from}
      width={seating.box.width}
      height={seating.box.height}
      role="group"
      aria-label={nameOfTier(w, parts.kind, tier)}
    >
      {bySeat[number]!.map((index) => {
        const seat = house.seats[index]!
        const task = tier.tasks[seat.first]!
        const common = { parts, seat, index, task, house, selected: index === chosen }
        return house.group === 1 ? (
          <SingleSeat key={task} {...common} />
        ) : (
          <SharedSeat key={task} {...common} members={membersOf(parts.tiers, seat)} />
        )
      })}
    </svg>
  ))
})

/** One set of handlers for all seats. */
function handlersOf(parts: HouseParts, { house, seatOf }: Seating) {
  const { store, states, tiers } = parts
  const taskAt = (seat: number): number => tiers[house.seats[seat]!.tier]!.tasks[house.seats[seat]!.first]!
  const leadAt = (seat: number): number => leadOf(states, membersOf(tiers, house.seats[seat]!))
  const seatAt = ({ target }: { readonly target: EventTarget }): number | undefined => {
    const found = (target as Element).closest<SVGElement>('[data-seat]')?.dataset['seat']
    return found === undefined ? undefined : Number(found)
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const { active, hovered } = store.getState()
    const seat = (active === undefined ? undefined : seatOf.get(active)) ?? 0
    if (isStep(event.key)) {
      store.setState({
        active: taskAt(walk(house.seats, seat, event.key)),
        hovered: undefined,
        quiet: false,
      })
    } else if (event.key === 'Enter' || event.key === ' ') select(parts, leadAt(seat))
    else if (event.key === 't') openTerminal(parts, leadAt(seat))
    else if (event.key === 'Escape' && !store.getState().quiet) {
      store.setState({ quiet: true, hovered: undefined })
      if (hovered === undefined) navigate({ task: undefined })
    } else return
    event.preventDefault()
  }
  return {
    onKeyDown,
    onPointerMove: (event: PointerEvent) => {
      const seat = seatAt(event)
      const hovered = seat === undefined ? undefined : taskAt(seat)
      if (hovered !== store.getState().hovered) store.setState({ hovered, quiet: false })
    },
    onPointerLeave: () => store.setState({ hovered: undefined }),
    onClick: (event: MouseEvent) => {
      const seat = seatAt(event)
      if (seat === undefined) return navigate({ task: undefined })
      store.setState({ active: taskAt(seat) })
      select(parts, leadAt(seat))
    },
    onDoubleClick: (event: MouseEvent) => {
      const seat = seatAt(event)
      if (seat !== undefined) openTerminal(parts, leadAt(seat))
    },
  }
}
