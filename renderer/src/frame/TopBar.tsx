import { ChevronDown, Ellipsis, PanelRight, Settings2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import type { RunId } from '../../../main/domain/ids.ts'
import { countTasks } from '../../../main/domain/metrics.ts'
import type { Run } from '../../../main/domain/state.ts'
import { runStatus } from '../../../main/domain/status.ts'
import { type RunVerb, runName, useRunActions } from '../actions/runActions.ts'
import { switchTelling, useTelling } from '../outside/telling.ts'
import { useCalm } from '../state/calm.ts'
import { useNow } from '../state/clock.ts'
import { useEstimate } from '../state/estimates.ts'
import { navigate, usePlace } from '../state/place.ts'
import { setPreference, usePreference } from '../state/preferences.ts'
import { useSelectedRun } from '../state/selectedRun.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { Button, IconButton, Keys } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Menu, type MenuItem } from '../ui/Menu.tsx'
import { tell } from '../ui/toasts.tsx'
import { IncidentCrumbs } from '../views/incidents/IncidentCrumbs.tsx'
import { LANGUAGES, useWords } from '../words/language.ts'
import { useStatusWords } from '../words/status.ts'
import { hasInspector } from './Inspector.tsx'
import { Logo } from './Logo.tsx'
import { openPalette } from './Palette.tsx'
import css from './TopBar.module.css'
import { words } from './words.ts'

/** Where am I, what may I do now. */
export function TopBar(): ReactNode {
  const found = useSelectedRun()
  const run = found.status === 'ready' ? found.value : undefined
  const w = useWords(words)
  const inspector = usePreference('inspector')
  const place = usePlace()
  const possible = hasInspector(place)
  const isIncident = place.view === 'incidents' && place.at !== undefined
  return (
    <header className={css['bar']}>
      <Logo />
      {isIncident ? <IncidentCrumbs /> : <RunChoice run={run} />}
      <div className={css['space']} />
      {!isIncident && run !== undefined && <Progress run={run} />}
      {!isIncident && <RunButtons run={run} />}
      <Settings />
      <IconButton
        label={w.inspector}
        pressed={inspector && possible}
        unavailable={possible ? undefined : w.noInspector}
        keys="Ctrl+I"
        onClick={() => setPreference('inspector', !inspector)}
      >
        <PanelRight size={16} aria-hidden />
      </IconButton>
      <button type="button" className={css['palette']} onClick={openPalette} aria-label={w.palette}>
        <Keys>Ctrl K</Keys>
      </button>
    </header>
  )
}

/** Runs listed in the bar's menu; the rest is in the view of the runs. */
const LISTED = 12

function RunChoice({ run }: { readonly run: Run | undefined }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const state = useEngineState()
  const project = useLive((live) =>
    run === undefined ? undefined : live.state?.projects.get(run.project)?.name,
  )
  const runs = state === undefined ? [] : [...state.runs.values()].reverse().slice(0, LISTED)
  const item = (one: Run): MenuItem => {
    const look = runStatus(one)
    return {
      id: one.id,
      label: (
        <>
          <Glyph mark={look.mark} label={statuses.run[look.word]} />
          {one.plan.title}
        </>
      ),
      keys: runName(one),
      onChoose: () => navigate({ run: one.id as RunId, task: undefined }),
    }
  }
  const all: MenuItem = { id: 'all', label: w.allRuns, onChoose: () => navigate({ view: 'runs' }) }
  const start: MenuItem = { id: 'start', label: w.start, onChoose: () => navigate({ view: 'projects' }) }
  return (
    <Menu
      align="start"
      groups={[runs.map(item), [start, all]]}
      trigger={
        <button type="button" className={css['run']} aria-label={w.chooseRun}>
          {project !== undefined && <span className="muted">{project} /</span>}
          <strong>{run?.plan.title ?? w.noRun}</strong>
          {run !== undefined && <span className="muted">{runName(run)}</span>}
          <ChevronDown size={14} aria-hidden />
        </button>
      }
    />
  )
}

function Progress({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const statuses = useStatusWords()
  const look = runStatus(run)
  const counts = countTasks(run)
  const left = useEstimate(run.endedAt === null ? run : undefined)?.leftMs
  const time =
    left === undefined || run.paused || left < 1_000
      ? formatDuration(Math.max(0, (run.endedAt ?? now) - run.startedAt))
      : w.left(formatDuration(roughly(left)))
  return (
    <span className={css['progress']}>
      <Glyph
        mark={look.mark}
        progress={counts.total === 0 ? 0 : (counts.total - counts.pending) / counts.total}
      />
      <span>
        {statuses.run[look.word]} · {w.progress(counts.completed + counts.skipped, counts.total)} · {time}
      </span>
    </span>
  )
}

/** An estimate is not known to the second: to 5 s below a minute, to a minute above ten. */
function roughly(ms: number): number {
  const step = ms < 60_000 ? 5_000 : ms < 600_000 ? 10_000 : 60_000
  return Math.ceil(ms / step) * step
}

/** The verbs that matter now as buttons, the others in the menu. */
function RunButtons({ run: latest }: { readonly run: Run | undefined }): ReactNode {
  const w = useWords(words)
  const calm = useCalm(latest)
  // Another run is shown at once: what is pressed must be about the run on the screen.
  const run = calm?.id === latest?.id && calm?.endedAt === latest?.endedAt ? calm : latest
  const actions = useRunActions(run)
  if (run === undefined || actions === undefined) {
    return <Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>
  }
  const ready = run.endedAt !== null && run.delivery === 'none' && run.tip !== run.base
  const shown: readonly RunVerb[] =
    run.endedAt === null ? [run.paused ? 'continue' : 'pause'] : ready ? ['diff', 'apply'] : ['again']
  // Only of a run that released something: beside what matters now, as long as there is a way back.
  const isBack = actions.rollback.unavailable === undefined
  const back: readonly RunVerb[] = isBack ? ['rollback'] : []
  // What can never be done with a run in this state is not listed at all.
  const rest: readonly (readonly RunVerb[])[] =
    run.endedAt === null
      ? [['again'], ['diff', 'apply', 'discard'], back, ['stop', 'stopNow']]
      : [['again'], ['diff', 'apply', 'discard'], back]
  return (
    <>
      {shown.map((verb) => {
        const { label, unavailable, perform } = actions[verb]
        return (
          <Button
            key={verb}
            look={verb === 'apply' ? 'primary' : 'plain'}
            unavailable={unavailable}
            onClick={perform}
          >
            {label}
          </Button>
        )
      })}
      <Menu
        groups={rest.map((verbs) =>
          verbs
            .filter((verb) => !shown.includes(verb))
            .map((verb) => {
              const { id, label, unavailable, danger, perform } = actions[verb]
              return { id, label, unavailable, danger: danger ?? false, onChoose: perform }
            }),
        )}
        trigger={
          <button type="button" className={css['more']} aria-label={w.more}>
            <Ellipsis size={16} aria-hidden />
          </button>
        }
      />
    </>
  )
}

function Settings(): ReactNode {
  const w = useWords(words)
  const telling = useTellingItem()
  const theme = usePreference('theme')
  const language = usePreference('language')
  const themes = (['system', 'dark', 'light'] as const).map((id) => ({
    id,
    label: w.theme[id],
    checked: theme === id,
    onChoose: () => setPreference('theme', id),
  }))
  const languages = LANGUAGES.map((id) => ({
    id,
    label: w.language[id],
    checked: language === id,
    onChoose: () => setPreference('language', id),
  }))
  return (
    <Menu
      groups={[themes, languages, telling]}
      trigger={
        <button type="button" className={css['more']} aria-label={w.settings}>
          <Settings2 size={16} aria-hidden />
        </button>
      }
    />
  )
}

/** Whether the browser tells what needs a person while nobody looks at this page. */
function useTellingItem(): readonly MenuItem[] {
  const w = useWords(words).telling
  const telling = useTelling()
  if (telling === undefined) return []
  const onChoose = (): void => void switchTelling().then((now) => tell(w[now]))
  const unavailable = telling === 'blocked' ? w.why : undefined
  return [{ id: 'telling', label: w.label, checked: telling === 'on', unavailable, onChoose }]
}
