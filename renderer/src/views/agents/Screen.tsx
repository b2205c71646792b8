import '@xterm/xterm/css/xterm.css'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import type { AttemptId } from '../../../../main/domain/ids.ts'
import { useSession } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { AgentTerminal, NOTHING_SHOWN, type Shown } from './agentTerminal.ts'
import { copySelection, openLink, pasteInto } from './clipboard.ts'
import { FindBar } from './FindBar.tsx'
import { setPane, usePane, useReader } from './paneState.ts'
import { ScreenMenu } from './ScreenMenu.tsx'
import css from './Terminal.module.css'
import { words } from './words.ts'

export interface ScreenProps {
  readonly paneKey: string
  readonly attempt: AttemptId
  /** Who speaks there. */
  readonly name: string
  readonly writable: boolean
  /** Its process is over: what is there is all there will be. */
  readonly over: boolean
  /** What speaks there has no terminal: its lines end with a line feed and nothing more. */
  readonly plain?: boolean
  readonly onShown?: (shown: Shown) => void
  readonly onRefused: (error: unknown) => void
}

/** The screen of one attempt. Mount it anew for another. */
export function Screen(props: ScreenProps): ReactNode {
  const { paneKey, attempt, name, writable } = props
  const { bridge, live } = useSession()
  const w = useWords(words)
  const host = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const [terminal, setTerminal] = useState<AgentTerminal | undefined>()
  const [shown, setShown] = useState<Shown>(NOTHING_SHOWN)
  const pane = usePane(paneKey)
  const latest = useRef({ w, props })
  latest.current = { w, props }

  useEffect(() => {
    const made = new AgentTerminal({
      bridge,
      nextStream: () => live.nextStream(),
      attempt,
      element: host.current!,
      label: latest.current.w.terminal(name),
      doors: {
        onLeave: () => leave(frame.current!),
        onFind: () => setPane(paneKey, { finding: true }),
        onCopy: () => copySelection(made.view.terminal, () => tell(latest.current.w.copied)),
        onLink: (uri) => openLink(uri, () => tell(latest.current.w.linkCopied(uri))),
        gapText: (bytes) => latest.current.w.gap(formatBytes(bytes)),
      },
      onChange: setShown,
      onRefused: (error) => {
        tellFailure(error)
        latest.current.props.onRefused(error)
      },
    })
    made.view.terminal.options.convertEol = latest.current.props.plain === true
    setTerminal(made)
    return () => made.close()
  }, [bridge, live, attempt, name, paneKey])

  useEffect(() => terminal?.view.setWritable(writable), [terminal, writable])
  useEffect(() => latest.current.props.onShown?.(shown), [shown])
  useReaderMode(terminal)
  useFromStart(terminal, pane.fromStart)
  useEffect(() => {
    if (pane.focus > 0) terminal?.view.terminal.focus()
  }, [terminal, pane.focus])
  useEffect(() => {
    const element = host.current!
    const onPaste = (event: ClipboardEvent): void => {
      event.preventDefault()
      event.stopPropagation()
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (terminal?.view.isWritable === true) void pasteInto(terminal.view.terminal, text, latest.current.w)
    }
    element.addEventListener('paste', onPaste, true)
    return () => element.removeEventListener('paste', onPaste, true)
  }, [terminal])

  return (
    <div ref={frame} className={css['frame']} data-writable={writable}>
      {pane.finding && terminal !== undefined && <FindBar view={terminal.view} paneKey={paneKey} />}
      <ScreenMenu terminal={terminal} paneKey={paneKey} shown={shown}>
        <div ref={host} className={css['screen']} />
      </ScreenMenu>
      <Note shown={shown} over={props.over} onRetry={() => terminal?.stream.retry()} />
    </div>
  )
}

/** What stands where output would be. */
function Note({
  shown,
  over,
  onRetry,
}: {
  readonly shown: Shown
  readonly over: boolean
  readonly onRetry: () => void
}): ReactNode {
  const w = useWords(words)
  if (shown.phase === 'failed') {
    return (
      <div className={css['trouble']} role="alert">
        <p>{shown.error?.message}</p>
        {shown.error?.remedy !== undefined && <p className="muted">{shown.error.remedy}</p>}
        <Button onClick={onRetry}>{w.retry}</Button>
      </div>
    )
  }
  if (!shown.empty) return null
  const text =
    shown.phase === 'lost'
      ? w.states.lost
      : shown.phase === 'opening'
        ? w.states.loading
        : over
          ? w.states.noOutputEver
          : w.states.noOutput
  return (
    <p className={css['note']} data-late={shown.phase === 'opening'} role="status">
      {text}
    </p>
  )
}

function useReaderMode(terminal: AgentTerminal | undefined): void {
  const reader = useReader()
  useEffect(() => {
    if (terminal !== undefined) terminal.view.terminal.options.screenReaderMode = reader
  }, [terminal, reader])
}

function useFromStart(terminal: AgentTerminal | undefined, fromStart: boolean): void {
  const was = useRef(false)
  useEffect(() => {
    if (terminal === undefined || fromStart === was.current) return
    was.current = fromStart
    terminal.show(fromStart ? 'all' : 'latest')
  }, [terminal, fromStart])
}

/** To the terminal's own head: its tab, or its first button. */
function leave(frame: HTMLElement): void {
  const pane = frame.closest('[data-pane]')
  const head = pane?.querySelector<HTMLElement>('[data-leave]')
  const tab = frame.closest('.dv-groupview')?.querySelector<HTMLElement>('.dv-tab.dv-active-tab')
  ;(tab ?? head ?? (pane as HTMLElement | null))?.focus()
}
