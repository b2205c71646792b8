import {
  ChartNoAxesGantt,
  FolderGit2,
  History,
  ListOrdered,
  ScrollText,
  SquareTerminal,
  Workflow,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { ViewName } from '../../../preload/contract.ts'
import { formatPlace, usePlace } from '../state/place.ts'
import { useLive } from '../state/session.tsx'
import { Hint } from '../ui/Button.tsx'
import { useWords } from '../words/language.ts'
import { attentionCount } from './counts.ts'
import { HouseIcon } from './Logo.tsx'
import css from './Rail.module.css'
import { words } from './words.ts'

/** In the order of the rail; Alt and the number goes there. */
export const RAIL: readonly (readonly [ViewName, (props: { readonly size: number }) => ReactNode])[] = [
  ['house', HouseIcon],
  ['graph', ({ size }) => <Workflow size={size} />],
  ['agents', ({ size }) => <SquareTerminal size={size} />],
  ['queue', ({ size }) => <ListOrdered size={size} />],
  ['timeline', ({ size }) => <ChartNoAxesGantt size={size} />],
  ['runs', ({ size }) => <History size={size} />],
  ['events', ({ size }) => <ScrollText size={size} />],
  ['projects', ({ size }) => <FolderGit2 size={size} />],
]

export function Rail(): ReactNode {
  const place = usePlace()
  const w = useWords(words)
  const waiting = useLive((live) => (live.state === undefined ? 0 : attentionCount(live.state)))
  return (
    <nav className={css['rail']} aria-label={w.navigation}>
      {RAIL.map(([view, Icon], index) => {
        const count = view === 'house' ? waiting : 0
        const name = count === 0 ? w.views[view] : `${w.views[view]}, ${w.needYou(count)}`
        return (
          <Hint key={view} side="right" text={`${name}  Alt+${index + 1}`}>
            <a
              href={formatPlace({ ...place, view })}
              aria-label={name}
              aria-current={place.view === view ? 'page' : undefined}
              className={css['item']}
              data-end={view === 'projects'}
            >
              <Icon size={17} />
              {count > 0 && <span className={css['count']}>{count}</span>}
            </a>
          </Hint>
        )
      })}
    </nav>
  )
}
