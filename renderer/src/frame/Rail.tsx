import {
  ChartNoAxesGantt,
  FolderGit2,
  GitCompareArrows,
  HeartPulse,
  History,
  LibraryBig,
  ListOrdered,
  Lock,
  MessageSquare,
  Rocket,
  ScrollText,
  SquareTerminal,
  TriangleAlert,
  Workflow,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { VIEW_KEYS, type ViewName } from '../../../preload/contract.ts'
import { formatPlace, placeIn, usePlace } from '../state/place.ts'
import { useLive } from '../state/session.tsx'
import { Hint } from '../ui/Button.tsx'
import { useWords } from '../words/language.ts'
import { attentionCount, conflictCount, healthCount, incidentCount, unreadCount } from './counts.ts'
import { HouseIcon } from './Logo.tsx'
import css from './Rail.module.css'
import { words } from './words.ts'

/** In the order of the rail. */
export const RAIL: readonly (readonly [ViewName, (props: { readonly size: number }) => ReactNode])[] = [
  ['house', HouseIcon],
  ['graph', ({ size }) => <Workflow size={size} />],
  ['agents', ({ size }) => <SquareTerminal size={size} />],
  ['talk', ({ size }) => <MessageSquare size={size} />],
  ['queue', ({ size }) => <ListOrdered size={size} />],
  ['timeline', ({ size }) => <ChartNoAxesGantt size={size} />],
  ['locks', ({ size }) => <Lock size={size} />],
  ['conflicts', ({ size }) => <GitCompareArrows size={size} />],
  ['incidents', ({ size }) => <TriangleAlert size={size} />],
  ['releases', ({ size }) => <Rocket size={size} />],
  ['health', ({ size }) => <HeartPulse size={size} />],
  ['context', ({ size }) => <LibraryBig size={size} />],
  ['runs', ({ size }) => <History size={size} />],
  ['events', ({ size }) => <ScrollText size={size} />],
  ['projects', ({ size }) => <FolderGit2 size={size} />],
]

export function Rail(): ReactNode {
  const place = usePlace()
  const w = useWords(words)
  const waiting = useLive((live) => (live.state === undefined ? 0 : attentionCount(live.state)))
  const unread = useLive((live) => (live.state === undefined ? 0 : unreadCount(live.state)))
  const clashing = useLive((live) => (live.state === undefined ? 0 : conflictCount(live.state)))
  const alarming = useLive((live) => (live.state === undefined ? 0 : incidentCount(live.state)))
  const due = useLive((live) => (live.state === undefined ? 0 : healthCount(live.state)))
  const counts: Partial<Record<ViewName, number>> = {
    house: waiting,
    talk: unread,
    conflicts: clashing,
    incidents: alarming,
    health: due,
  }
  const sayings: Partial<Record<ViewName, (count: number) => string>> = {
    talk: w.unread,
    conflicts: w.openConflicts,
  }
  return (
    <nav className={css['rail']} aria-label={w.navigation}>
      {RAIL.map(([view, Icon]) => {
        const count = counts[view] ?? 0
        const said = (sayings[view] ?? w.needYou)(count)
        const name = count === 0 ? w.views[view] : `${w.views[view]}, ${said}`
        return (
          <Hint key={view} side="right" text={`${name}  Alt+${VIEW_KEYS[view]}`}>
            <a
              href={formatPlace(placeIn(view, place))}
              aria-label={name}
              aria-current={place.view === view ? 'page' : undefined}
              className={css['item']}
              data-end={view === 'projects'}
            >
              <Icon size={17} />
              {count > 0 && (
                <span className={css['count']} data-view={view}>
                  {count > 99 ? '99+' : count}
                </span>
              )}
            </a>
          </Hint>
        )
      })}
    </nav>
  )
}
