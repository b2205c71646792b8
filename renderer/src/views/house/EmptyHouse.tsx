import type { ReactNode } from 'react'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './EmptyHouse.module.css'
import { arrange } from './seats.ts'
import { words } from './words.ts'

const WIDTH = 460
const HOUSE = arrange([5, 8, 11], { width: WIDTH, height: 300 })
const { centre, bands } = HOUSE
const TOP = centre.y - bands.at(-1)!.outer

/** Before the first run: what the seats are for, and the way to fill them. */
export function EmptyHouse(): ReactNode {
  const w = useWords(words)
  return (
    <div className={css['empty']}>
      <svg width={WIDTH} height={centre.y - TOP} viewBox={`0 ${TOP} ${WIDTH} ${centre.y - TOP}`} aria-hidden>
        {HOUSE.seats.map(({ x, y }) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r={HOUSE.size / 2} />
        ))}
      </svg>
      <div>
        <Empty
          title={w.noRun}
          action={
            <Button look="primary" onClick={() => navigate({ view: 'projects' })}>
              {w.openProject}
            </Button>
          }
        >
          {w.noRunText}
        </Empty>
      </div>
    </div>
  )
}
