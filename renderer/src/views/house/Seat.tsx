import { memo, type ReactNode } from 'react'
import { useNow } from '../../state/clock.ts'
import { GlyphShape } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import type { HouseParts } from './houseState.ts'
import { WORD_OF } from './Legend.tsx'
import css from './Seat.module.css'
import { parseTally, useLook, useTally } from './seatStates.ts'
import type { House, Seat } from './seats.ts'
import { words } from './words.ts'

interface Props {
  readonly parts: HouseParts
  readonly seat: Seat
  /** Of the seat in the house. */
  readonly index: number
  /** Of its task in the plan. */
  readonly task: number
  readonly house: House
  readonly selected: boolean
}

/** The id of a seat's element, for `aria-activedescendant`. */
export function seatId(index: number): string {
  return `seat-${index}`
}

/** One agent. Drawn anew only when its task looks another way. */
export const SingleSeat = memo(function SingleSeat(props: Props): ReactNode {
  const { parts, seat, index, task, house, selected } = props
  const statuses = useStatusWords()
  const { mark, word, asked } = useLook(parts.states, task)
  const spec = parts.plan.tasks[task]!
  const words = [statuses.task[word], asked && mark !== 'needs-you' && statuses.task['needs-you']]
  const name = [spec.title, spec.role, ...words].filter(Boolean).join(', ')
  return (
    <g
      id={seatId(index)}
      role="option"
      aria-selected={selected}
      aria-label={name}
      className={css['seat']}
      data-seat={index}
      data-mark={mark}
      data-marks={asked ? 'needs-you' : undefined}
      transform={`translate(${seat.x.toFixed(1)} ${seat.y.toFixed(1)})`}
    >
      <circle className={css['halo']} r={Math.min(house.size * 0.9, house.pitch * 0.62)} />
      <g transform={`scale(${(house.size / 16).toFixed(3)}) translate(-8 -8)`}>
        {mark === 'running' ? <RunningShape parts={parts} task={task} /> : <GlyphShape mark={mark} />}
      </g>
    </g>
  )
})

/** Fills once a second. */
function RunningShape({ parts, task }: Pick<Props, 'parts' | 'task'>): ReactNode {
  useNow()
  return <GlyphShape mark="running" progress={parts.states.estimate?.progress(task)} />
}

/** Marks that are pointed out on a shared seat. */
const POINTED_OUT = new Set(['needs-you', 'conflict', 'failed', 'blocked'])

/** A seat several share: how many, which part of them is in which state, and the shape of what matters most. */
export const SharedSeat = memo(function SharedSeat(
  props: Props & { readonly members: readonly number[] },
): ReactNode {
  const { parts, seat, index, house, selected, members } = props
  const w = useWords(words)
  const statuses = useStatusWords()
  const tally = parseTally(useTally(parts.states, members))
  const lead = tally[0]![0]
  const name = [
    w.members(seat.count),
    ...tally.map(([mark, count]) => `${count} ${statuses.task[WORD_OF[mark]]}`),
  ].join(', ')
  const radius = house.size / 2
  const whole = tally.reduce((sum, [, count]) => sum + count, 0)
  let before = 0
  return (
    <g
      id={seatId(index)}
      role="option"
      aria-selected={selected}
      aria-label={name}
      className={css['seat']}
      data-seat={index}
      data-mark={lead}
      data-marks={tally.map(([mark]) => mark).join(' ')}
      transform={`translate(${seat.x.toFixed(1)} ${seat.y.toFixed(1)})`}
    >
      <circle className={css['halo']} r={radius + 4} />
      {tally.map(([mark, count]) => {
        const share = (count / whole) * 100
        const offset = before
        before += share
        return (
          <circle
            key={mark}
            className={css['part']}
            data-mark={mark}
            r={radius - 1.25}
            pathLength={100}
            strokeDasharray={`${share} ${100 - share}`}
            strokeDashoffset={-offset}
            transform="rotate(-90)"
          />
        )
      })}
      <text className={css['number']} dy="0.36em" aria-hidden>
        {seat.count}
      </text>
      {POINTED_OUT.has(lead) && (
        <g transform={`translate(${(radius * 0.45).toFixed(1)} ${(-radius * 1.35).toFixed(1)}) scale(0.7)`}>
          <GlyphShape mark={lead} />
        </g>
      )}
    </g>
  )
})
