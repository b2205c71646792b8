import { type ReactNode, Suspense } from 'react'
import type { ViewName } from '../../../preload/contract.ts'
import { usePlace } from '../state/place.ts'
import { usePreference } from '../state/preferences.ts'
import { useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Loading } from '../ui/Notice.tsx'
import { useWords } from '../words/language.ts'
import { Catch } from './Catch.tsx'
import css from './Frame.module.css'
import { hasInspector, Inspector } from './Inspector.tsx'
import { lazyPart } from './lazyPart.ts'
import { Palette } from './Palette.tsx'
import { Rail } from './Rail.tsx'
import { StatusBar } from './StatusBar.tsx'
import { TopBar } from './TopBar.tsx'
import { words } from './words.ts'

const VIEW = {
  house: lazyPart(async () => (await import('../views/house/House.tsx')).House),
  graph: lazyPart(async () => (await import('../views/graph/Graph.tsx')).Graph),
  agents: lazyPart(async () => (await import('../views/agents/Agents.tsx')).Agents),
  talk: lazyPart(async () => (await import('../views/talk/Talk.tsx')).Talk),
  queue: lazyPart(async () => (await import('../views/queue/Queue.tsx')).Queue),
  timeline: lazyPart(async () => (await import('../views/timeline/Timeline.tsx')).Timeline),
  locks: lazyPart(async () => (await import('../views/locks/Locks.tsx')).Locks),
  conflicts: lazyPart(async () => (await import('../views/conflicts/Conflicts.tsx')).Conflicts),
  incidents: lazyPart(async () => (await import('../views/incidents/Incidents.tsx')).Incidents),
  releases: lazyPart(async () => (await import('../views/releases/Releases.tsx')).Releases),
  health: lazyPart(async () => (await import('../views/health/Health.tsx')).Health),
  context: lazyPart(async () => (await import('../views/context/Context.tsx')).Context),
  runs: lazyPart(async () => (await import('../views/runs/Runs.tsx')).Runs),
  events: lazyPart(async () => (await import('../views/events/Events.tsx')).Events),
  projects: lazyPart(async () => (await import('../views/projects/Projects.tsx')).Projects),
} as const satisfies Readonly<Record<ViewName, unknown>>

/** One frame everywhere: bar, rail, main area, inspector, status line. */
export function Frame(): ReactNode {
  const place = usePlace()
  const { view } = place
  const w = useWords(words)
  const inspector = usePreference('inspector') && hasInspector(place)
  const View = VIEW[view]
  return (
    <div className={css['frame']} data-inspector={inspector}>
      <button type="button" className={css['skip']} onClick={toContent}>
        {w.skip}
      </button>
      <TopBar />
      <Rail />
      <main id="content" tabIndex={-1} className={css['main']} data-view={view} aria-label={w.views[view]}>
        <h1 className="visually-hidden">{w.views[view]}</h1>
        <h2 className="visually-hidden">{w.views[view]}</h2>
        <Banner />
        <div className={css['view']}>
          <Catch key={view} title={w.crashed}>
            <Suspense fallback={<Loading />}>
              <View />
            </Suspense>
          </Catch>
        </div>
      </main>
      {inspector && <Inspector />}
      <StatusBar />
      <Palette />
    </div>
  )
}

function toContent(): void {
  document.getElementById('content')?.focus()
}

/** What stands between the person and the truth of the picture. */
function Banner(): ReactNode {
  const w = useWords(words)
  const connection = useLive((live) => live.connection)
  const outdated = useLive((live) => live.outdated)
  const known = useLive((live) => live.state !== undefined)
  if (outdated) {
    return (
      <div className={css['banner']} role="status">
        <Glyph mark="needs-you" />
        <span>{w.outdated}</span>
        <Button onClick={() => window.location.reload()}>{w.reload}</Button>
      </div>
    )
  }
  if (connection.status !== 'lost') return null
  return (
    <div className={css['banner']} role="status">
      <Glyph mark="needs-you" />
      <span>
        {known ? w.lost : connection.reason} <span className="muted">{connection.remedy}</span>
      </span>
    </div>
  )
}
