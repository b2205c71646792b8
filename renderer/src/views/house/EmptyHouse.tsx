import type { ReactNode } from 'react'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './EmptyHouse.module.css'
import { arrange } from './seats.ts'
import { words } from './words.ts'

const BOX = { width: 360, height: 190 }
const HOUSE = arrange([5, 8, 11], BOX)

/** Before the first run: what the seats are for, and the way to fill them. */
export function EmptyHouse(): ReactNode {
  const w = useWords(words)
  return (
    <div className={css['empty']}>
      <svg width={BOX.width} height={BOX.height} aria-hidden>
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
