import { ContextMenu } from '@base-ui/react/context-menu'
import type { ReactElement, ReactNode } from 'react'
import menu from '../../ui/Menu.module.css'
import { tell } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import type { AgentTerminal, Shown } from './agentTerminal.ts'
import { copySelection, pasteInto } from './clipboard.ts'
import { setPane, toggleReader, usePane, useReader } from './paneState.ts'
import { words } from './words.ts'

interface Props {
  readonly terminal: AgentTerminal | undefined
  readonly paneKey: string
  readonly shown: Shown
}

/** What can be done with a terminal's text, on its right button. */
export function ScreenMenu({ children, ...props }: Props & { readonly children: ReactElement }): ReactNode {
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger render={children as ReactElement<Record<string, unknown>>} />
      <ContextMenu.Portal>
        <ContextMenu.Positioner className={menu['positioner']}>
          <ContextMenu.Popup className={menu['popup']}>
            <Items {...props} />
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

function Items({ terminal, paneKey, shown }: Props): ReactNode {
  const w = useWords(words)
  const pane = usePane(paneKey)
  const reader = useReader()
  const xterm = terminal?.view.terminal
  if (terminal === undefined || xterm === undefined) return null
  const paste = (): void => {
    navigator.clipboard.readText().then(
      (text) => pasteInto(xterm, text, w),
      () => undefined,
    )
  }
  const items = [
    {
      label: w.copy,
      keys: 'Ctrl+Shift+C',
      off: !xterm.hasSelection(),
      act: () => copySelection(xterm, () => tell(w.copied)),
    },
    { label: w.paste, keys: 'Ctrl+Shift+V', off: !terminal.view.isWritable, act: paste },
    { label: w.selectAll, off: shown.empty, act: () => xterm.selectAll() },
    { label: w.find, keys: 'Ctrl+F', off: false, act: () => setPane(paneKey, { finding: true }) },
    null,
    {
      label: pane.fromStart ? w.latest : w.earlier,
      off: shown.before === 0 && !pane.fromStart,
      act: () => setPane(paneKey, { fromStart: !pane.fromStart }),
    },
    { label: `${reader ? '✓ ' : ''}${w.screenReader}`, off: false, act: toggleReader },
  ]
  return items.map((item, index) =>
    item === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the list is always the same
      <ContextMenu.Separator key={index} className={menu['line']} />
    ) : (
      <ContextMenu.Item key={item.label} className={menu['item']} disabled={item.off} onClick={item.act}>
        {item.label}
        {item.keys !== undefined && <kbd>{item.keys}</kbd>}
      </ContextMenu.Item>
    ),
  )
}
