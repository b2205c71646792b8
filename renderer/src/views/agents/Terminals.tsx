import 'dockview-react/dist/styles/dockview.css'
import { DockviewReact, type DockviewTheme, type IDockviewPanelProps } from 'dockview-react'
import { type KeyboardEvent, memo, type ReactNode, useEffect } from 'react'
import type { TaskId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { navigate } from '../../state/place.ts'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { DockContext, type Docking, indexOf, useDocked } from './docking.ts'
import { Pane } from './Pane.tsx'
import { focusPane, paneKey } from './paneState.ts'
import css from './Terminals.module.css'
import { GroupActions, TerminalTab } from './TerminalTab.tsx'
import { words } from './words.ts'

const THEME: DockviewTheme = {
  name: 'amphitheatre',
  className: css['theme'] ?? '',
  dndTabIndicator: 'line',
  tabGroupIndicator: 'none',
}

const PANELS = { terminal: TerminalPanel }

/** The docked terminals of a run: split, tabbed, restored. Mount it anew for another run. */
export const Terminals = memo(function Terminals({
  run,
  docking,
}: {
  readonly run: Run
  readonly docking: Docking
}): ReactNode {
  useEffect(() => {
    docking.listen()
    return () => docking.rest()
  }, [docking])
  return (
    <DockContext value={{ run, docking }}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the tabs within */}
      <div className={css['dock']} onKeyDown={(event) => onTabKey(event, run, docking)}>
        <DockviewReact
          theme={THEME}
          components={PANELS}
          defaultTabComponent={TerminalTab}
          rightHeaderActionsComponent={GroupActions}
          watermarkComponent={Nothing}
          disableFloatingGroups
          disableTabsOverflowList
          announcements={false}
          onReady={({ api }) => docking.attach(api, run)}
        />
      </div>
    </DockContext>
  )
})

/** On a tab: Enter types in its terminal, Delete closes it. */
function onTabKey(event: KeyboardEvent, run: Run, docking: Docking): void {
  const tab = event.target instanceof HTMLElement && event.target.role === 'tab' ? event.target : undefined
  const panel = tab?.dataset['tabPanelId']
  if (panel === undefined) return
  if (event.key === 'Enter') focusPane(paneKey(run.id, panel as TaskId))
  else if (event.key === 'Delete') docking.close(panel)
  else return
  event.preventDefault()
}

function TerminalPanel({ api }: IDockviewPanelProps): ReactNode {
  const { run, docking } = useDocked()
  const index = indexOf(run, api.id)
  if (index === undefined) return null
  const touched = (): void => {
    docking.keep(api.id)
    navigate({ run: run.id, task: api.id }, 'replace')
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: follows what is clicked within, does nothing of its own
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div className={css['panel']} onClick={touched}>
      <Pane run={run} index={index} />
    </div>
  )
}

function Nothing(): ReactNode {
  const w = useWords(words)
  return <Empty title={w.empty}>{w.emptyHint}</Empty>
}
