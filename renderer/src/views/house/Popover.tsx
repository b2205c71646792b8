import type { CSSProperties, ReactNode } from 'react'
import { useStore } from 'zustand'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { percentText, reportedShare } from '../../state/progress.ts'
import { useWhy } from '../../state/why.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import type { HouseParts } from './houseState.ts'
import { WORD_OF } from './Legend.tsx'
import { roleOf } from './names.ts'
import css from './Popover.module.css'
import { membersOf, type Seating } from './seating.ts'
import { parseTally, useTally } from './seatStates.ts'
import { words } from './words.ts'

const WIDTH = 264
/** Above a seat when there is so much room, px. */
const ROOM = 130

interface Props {
  readonly parts: HouseParts
  readonly seating: Seating
  readonly run: Run
}

/** Names the seat under the pointer, else the one the keys stand on. It stands still by its seat. */
export function Popover({ parts, seating, run }: Props): ReactNode {
  const hovered = useStore(parts.store, (house) => house.hovered)
  const active = useStore(parts.store, (house) => house.active)
  const quiet = useStore(parts.store, (house) => house.quiet)
  const task = hovered ?? active
  const index = task === undefined ? undefined : seating.seatOf.get(task)
  if (quiet || task === undefined || index === undefined) return null
  const seat = seating.house.seats[index]!
  const members = membersOf(parts.tiers, seat)
  return (
    <div
      key={index}
      className={css['popover']}
      style={placeAt(seating, index)}
      data-by={hovered === undefined ? 'keys' : 'pointer'}
      aria-hidden
    >
      {members.length === 1 ? <OfTask run={run} index={task} /> : <OfMany parts={parts} members={members} />}
    </div>
  )
}

/** Beside the seat, on the side that has room, so that its content grows away from it. */
function placeAt({ house, box }: Seating, index: number): CSSProperties {
  const { x, y } = house.seats[index]!
  const left = Math.max(8, Math.min(box.width - WIDTH - 8, x - WIDTH / 2))
  const away = house.size / 2 + 12
  return y - away > ROOM
    ? { left, width: WIDTH, bottom: box.height - y + away }
    : { left, width: WIDTH, top: y + away }
}

function OfTask({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const now = useNow()
  const status = taskStatus(run, index, now)
  const { attempts, current } = run.tasks.get(index)!
  const share = reportedShare({ current })
  const why = useWhy(run, index, status, now)
  const time = status.ms === null ? '' : ` ${formatDuration(status.ms)}`
  return (
    <>
      <strong>{run.plan.tasks[index]!.title}</strong>
      <span className="muted">
        {roleOf(w, run, index)}
        {attempts > 1 && ` · ${w.attempt(attempts)}`}
      </span>
      <span className={css['state']}>
        <Glyph mark={status.mark} progress={share ?? 0.7} size={14} />
        {statuses.task[status.word]}
        {time}
        {share !== undefined && ` · ${percentText(share)}`}
      </span>
      {why !== '' && <span className={css['why']}>{why}</span>}
    </>
  )
}

function OfMany({
  parts,
  members,
}: {
  readonly parts: HouseParts
  readonly members: readonly number[]
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const tally = parseTally(useTally(parts.states, members))
  const title = (index: number | undefined): string => parts.plan.tasks[index ?? 0]!.title
  return (
    <>
      <strong>{w.members(members.length)}</strong>
      <span className="muted">{w.range(title(members[0]), title(members.at(-1)))}</span>
      {tally.map(([mark, count]) => (
        <span key={mark} className={css['state']}>
          <Glyph mark={mark} progress={0.7} size={14} />
          {count} {statuses.task[WORD_OF[mark]]}
        </span>
      ))}
      <span className={css['why']}>{w.lead}</span>
    </>
  )
}
