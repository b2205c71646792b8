import { memo, type ReactNode } from 'react'
import { useWords } from '../../words/language.ts'
import css from './Bands.module.css'
import type { HouseParts } from './houseState.ts'
import { nameOfTier, numberOfTier } from './names.ts'
import { parseTally, type SeatStates, useTally } from './seatStates.ts'
import type { Band, House } from './seats.ts'
import type { Tier } from './tiers.ts'
import { words } from './words.ts'

interface Props {
  readonly parts: HouseParts
  readonly house: House
}

export const Bands = memo(function Bands({ parts, house }: Props): ReactNode {
  return parts.tiers.map((tier, index) => (
    <BandShape
      key={tier.from}
      states={parts.states}
      tier={tier}
      band={house.bands[index]!}
      centre={house.centre}
    />
  ))
})

function BandShape({
  states,
  tier,
  band,
  centre,
}: {
  readonly states: SeatStates
  readonly tier: Tier
  readonly band: Band
  readonly centre: { readonly x: number; readonly y: number }
}): ReactNode {
  const { open } = progressOf(useTally(states, tier.tasks))
  return <path className={css['band']} data-open={open} d={ringPath(band, centre)} />
}

/** Half a ring, its ends rounded a little. */
function ringPath({ inner, outer }: Band, { x, y }: { readonly x: number; readonly y: number }): string {
  const r = Math.min(4, (outer - inner) / 4)
  const from = (radius: number): string => (x - radius).toFixed(1)
  const to = (radius: number): string => (x + radius).toFixed(1)
  const corner = (px: string, py: number): string => `${px} ${py.toFixed(1)}`
  return [
    `M${corner(from(outer), y - r)}`,
    `A${outer} ${outer} 0 0 1 ${corner(to(outer), y - r)}`,
    `Q${corner(to(outer), y)} ${corner(to(outer - r), y)}`,
    `L${corner(to(inner + r), y)}`,
    `Q${corner(to(inner), y)} ${corner(to(inner), y - r)}`,
    `A${inner} ${inner} 0 0 0 ${corner(from(inner), y - r)}`,
    `Q${corner(from(inner), y)} ${corner(from(inner + r), y)}`,
    `L${corner(from(outer - r), y)}`,
    `Q${corner(from(outer), y)} ${corner(from(outer), y - r)}Z`,
  ].join('')
}

/** Names along the left ends, with how many of each tier are done. Named to screen readers by the seats' groups. */
export const TierLabels = memo(function TierLabels({ parts, house }: Props): ReactNode {
  const { bands, centre } = house
  return (
    <div aria-hidden className={css['labels']}>
      {parts.tiers.map((tier, index) => {
        const { inner, outer } = bands[index]!
        const next = bands[index + 1]?.inner ?? outer + (inner - (bands[index - 1]?.outer ?? inner - 16))
        const width = Math.min(next - inner, outer - inner + 24) - 4
        return (
          <TierLabel
            key={tier.from}
            parts={parts}
            tier={tier}
            style={{ left: centre.x - (inner + outer) / 2 - width / 2, top: centre.y + 6, width }}
            isNarrow={width < 48}
          />
        )
      })}
    </div>
  )
})

function TierLabel({
  parts,
  tier,
  style,
  isNarrow,
}: {
  readonly parts: HouseParts
  readonly tier: Tier
  readonly style: { readonly left: number; readonly top: number; readonly width: number }
  readonly isNarrow: boolean
}): ReactNode {
  const w = useWords(words)
  const { open, done } = progressOf(useTally(parts.states, tier.tasks))
  const name = nameOfTier(w, parts.kind, tier)
  const part = `${done}/${tier.tasks.length}`
  return (
    <div className={css['label']} style={style} data-open={open} title={`${name}, ${part}`}>
      <span>{isNarrow ? numberOfTier(tier) || '–' : name}</span>
      {(!isNarrow || tier.tasks.length < 100) && <small>{part}</small>}
    </div>
  )
}

/** Open: something in it is under way or asks. */
function progressOf(tally: string): { readonly open: boolean; readonly done: number } {
  let open = false
  let done = 0
  for (const [mark, count] of parseTally(tally)) {
    if (mark === 'done') done = count
    else if (mark === 'running' || mark === 'needs-you' || mark === 'conflict') open = true
  }
  return { open, done }
}
