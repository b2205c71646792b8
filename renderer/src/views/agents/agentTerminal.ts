import type { AttemptId } from '../../../../main/domain/ids.ts'
import type { AmphitheatreBridge, Failure } from '../../../../preload/contract.ts'
import { InputQueue } from './inputQueue.ts'
import { LATE_BYTES, type StreamState, TerminalStream } from './terminalStream.ts'
import {
  type Drawing,
  LONG_SCROLLBACK,
  SCROLLBACK,
  type TerminalDoors,
  TerminalView,
} from './terminalView.ts'

export interface AgentTerminalParts {
  readonly bridge: AmphitheatreBridge
  readonly nextStream: () => number
  readonly attempt: AttemptId
  readonly element: HTMLElement
  /** Said of it by screen readers. */
  readonly label: string
  readonly doors: Pick<TerminalDoors, 'onLeave' | 'onFind' | 'onCopy' | 'onLink' | 'gapText'>
  readonly onChange: (shown: Shown) => void
  readonly onRefused: (error: unknown) => void
  readonly drawing?: Drawing
}

/** What the page says about an output; changes seldom, however much flows. */
export interface Shown {
  readonly phase: StreamState['phase']
  /** Bytes before what is shown. */
  readonly before: number
  readonly empty: boolean
  readonly error: Failure | undefined
}

export const NOTHING_SHOWN: Shown = { phase: 'opening', before: 0, empty: true, error: undefined }

/** One attempt's terminal: screen, output and keys. Reads only while it can be seen. */
export class AgentTerminal {
  readonly view: TerminalView
  readonly stream: TerminalStream
  readonly #input: InputQueue
  readonly #stops: (() => void)[] = []
  #onScreen = true
  #shown = NOTHING_SHOWN

  constructor(parts: AgentTerminalParts) {
    const { bridge, attempt, element } = parts
    this.#input = new InputQueue(bridge, attempt, parts.onRefused)
    const doors: TerminalDoors = {
      ...parts.doors,
      onInput: (text) => this.#input.type(text),
      onResize: (columns, rows) => {
        // The next change of size tells it again.
        bridge.request('resize', { attempt, columns, rows }).catch(() => undefined)
      },
      mayAnswer: () => this.stream.isLive && this.view.isWritable && element.contains(document.activeElement),
    }
    this.view = new TerminalView(element, parts.label, doors, parts.drawing)
    this.stream = new TerminalStream({
      bridge,
      nextStream: parts.nextStream,
      attempt,
      sink: this.view,
      onChange: (state) => this.#changed(state, parts.onChange),
    })
    this.#watchVisibility(element)
  }

  /** From the first byte with more lines kept, or the end as a late viewer sees it. */
  show(what: 'all' | 'latest'): void {
    this.view.terminal.options.scrollback = what === 'all' ? LONG_SCROLLBACK : SCROLLBACK
    this.stream.restart(what === 'all' ? 0 : -LATE_BYTES)
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.stream.stop()
    this.view.dispose()
  }

  #changed(state: StreamState, tell: (shown: Shown) => void): void {
    const { phase, error } = state
    const next: Shown = { phase, before: state.first ?? 0, empty: state.next === undefined, error }
    const was = this.#shown
    if (was.phase === phase && was.before === next.before && was.empty === next.empty && was.error === error)
      return
    this.#shown = next
    tell(next)
  }

  #watchVisibility(element: HTMLElement): void {
    const update = (): void => {
      const visible = this.#onScreen && !document.hidden
      this.view.setVisible(visible)
      this.stream.setVisible(visible)
    }
    const observer = new IntersectionObserver((entries) => {
      this.#onScreen = entries.at(-1)!.isIntersecting
      update()
    })
    observer.observe(element)
    document.addEventListener('visibilitychange', update)
    this.#stops.push(
      () => observer.disconnect(),
      () => document.removeEventListener('visibilitychange', update),
    )
  }
}
