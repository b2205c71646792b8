import type {
  DockviewApi,
  IDockviewHeaderActionsProps,
  IDockviewPanel,
  IDockviewPanelHeaderProps,
} from 'dockview-react'
import { Ellipsis, Maximize2, Minimize2, Search, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { taskStatus } from '../../../../main/domain/status.ts'
import { navigate } from '../../state/place.ts'
import { IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Menu } from '../../ui/Menu.tsx'
import { useWords } from '../../words/language.ts'
import { attemptsOf } from './attemptView.ts'
import { indexOf, useDocked } from './docking.ts'
import { useAttempt } from './Pane.tsx'
import { focusPane, paneKey, setPane, toggleReader, useReader } from './paneState.ts'
import css from './Terminals.module.css'
import { words } from './words.ts'

/** State, role and task of a terminal. */
export function TerminalTab({ api }: IDockviewPanelHeaderProps): ReactNode {
  const { run, docking } = useDocked()
  const w = useWords(words)
  const index = indexOf(run, api.id)
  if (index === undefined) return <span className={css['tab']}>{api.id}</span>
  const close = (): void => docking.close(api.id)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tab around it has the keys
    <div
      className={css['tab']}
      onPointerUp={(event) => {
        if (event.button === 0) navigate({ run: run.id, task: api.id }, 'replace')
      }}
      onDoubleClick={() => docking.keep(api.id)}
      onAuxClick={(event) => {
        if (event.button === 1) close()
      }}
    >
      <Name index={index} onName={(name) => api.setTitle(name)} />
      <span
        className={css['close']}
        title={w.close}
        onPointerDown={(event) => event.stopPropagation()}
        onPointerUp={(event) => {
          event.stopPropagation()
          if (event.button === 0) close()
        }}
      >
        <X size={13} aria-hidden />
      </span>
    </div>
  )
}

function Name({
  index,
  onName,
}: {
  readonly index: number
  readonly onName: (name: string) => void
}): ReactNode {
  const { run } = useDocked()
  const w = useWords(words)
  const view = useAttempt({ run, index })
  const spec = run.plan.tasks[index]!
  const { mark } = taskStatus(run, index, 0)
  const role = view?.role ?? spec.role ?? w.noRole
  const what = view === undefined ? spec.title : `${spec.title} #${view.n}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when it changes
  useEffect(() => onName(`${role}, ${what}`), [role, what])
  return (
    <>
      <Glyph mark={mark} size={13} />
      <strong>{role}</strong>
      <span className={css['task']}>{what}</span>
    </>
  )
}

/** At the end of a group's tabs: what its agent uses, and what can be done with its terminal. */
export function GroupActions({ activePanel, containerApi, api }: IDockviewHeaderActionsProps): ReactNode {
  const { run } = useDocked()
  const w = useWords(words)
  const maximised = useMaximised(containerApi, api)
  const index = activePanel === undefined ? undefined : indexOf(run, activePanel.id)
  if (activePanel === undefined || index === undefined) return null
  const key = paneKey(run.id, run.plan.tasks[index]!.id)
  const toggle = (): void => {
    if (maximised) containerApi.exitMaximizedGroup()
    else containerApi.maximizeGroup(activePanel)
  }
  return (
    <div className={css['actions']}>
      <IconButton label={w.find} keys="Ctrl+F" onClick={() => setPane(key, { finding: true })}>
        <Search size={14} aria-hidden />
      </IconButton>
      <IconButton label={maximised ? w.restore : w.maximise} pressed={maximised} onClick={toggle}>
        {maximised ? <Minimize2 size={14} aria-hidden /> : <Maximize2 size={14} aria-hidden />}
      </IconButton>
      <More index={index} panel={activePanel} paneKey={key} />
    </div>
  )
}

function More({
  index,
  panel,
  paneKey: key,
}: {
  readonly index: number
  readonly panel: IDockviewPanel
  readonly paneKey: string
}): ReactNode {
  const { run, docking } = useDocked()
  const w = useWords(words)
  const reader = useReader()
  const view = useAttempt({ run, index })
  const attempts = attemptsOf(run, index)
  const newest = attempts.at(-1)
  const alone = panel.group.panels.length < 2 ? w.alone : undefined
  return (
    <Menu
      trigger={
        <button type="button" className={css['more']} aria-label={`${w.more}: ${panel.id}`}>
          <Ellipsis size={14} aria-hidden />
        </button>
      }
      groups={[
        attempts.length < 2
          ? []
          : attempts.toReversed().map((n) => ({
              id: `attempt ${n}`,
              label: w.attempt(n),
              checked: n === view?.n,
              onChoose: () => setPane(key, { attempt: n === newest ? undefined : n, fromStart: false }),
            })),
        [
          { id: 'type', label: w.enter, keys: 'Enter', onChoose: () => focusPane(key) },
          {
            id: 'right',
            label: w.splitRight,
            unavailable: alone,
            onChoose: () => docking.split(panel, 'right'),
          },
          {
            id: 'down',
            label: w.splitDown,
            unavailable: alone,
            onChoose: () => docking.split(panel, 'below'),
          },
          { id: 'reader', label: w.screenReader, checked: reader, onChoose: toggleReader },
        ],
        [{ id: 'close', label: w.close, onChoose: () => docking.close(panel.id) }],
      ]}
    />
  )
}

function useMaximised(api: DockviewApi, group: IDockviewHeaderActionsProps['api']): boolean {
  const [maximised, setMaximised] = useState(group.isMaximized())
  useEffect(() => {
    const listener = api.onDidMaximizedGroupChange(() => setMaximised(group.isMaximized()))
    return () => listener.dispose()
  }, [api, group])
  return maximised
}
