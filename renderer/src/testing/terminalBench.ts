import '@xterm/xterm/css/xterm.css'
import '../styles/base.css'
import type { AttemptId } from '../../../main/domain/ids.ts'
import type { AmphitheatreBridge, MessageName, Messages } from '../../../preload/contract.ts'
import { STREAM_WINDOW } from '../../../preload/contract.ts'
import { AgentTerminal } from '../views/agents/agentTerminal.ts'
import type { Drawing } from '../views/agents/terminalView.ts'

/** Page `terminal-bench.html`: how fast an agent's output goes from the bridge to the screen. */

export interface TerminalBench {
  /** Megabytes a second from the first byte asked for to the last one parsed. */
  readonly rate: number
  readonly ms: number
  /** Most bytes ever sent and not acknowledged. */
  readonly mostInFlight: number
  /** Longest time between two frames, and the 95th percentile, ms. */
  readonly longestFrame: number
  readonly p95Frame: number
  /** Of the page's heap, before and after, bytes; null where the browser does not tell. */
  readonly heap: readonly [number, number] | null
  readonly renderer: 'webgl' | 'dom'
}

/** Pieces as the host sends them, in a task of their own as a socket's messages come. */
const PIECE = STREAM_WINDOW.output / 4

/** Sends `bytes` of `sample` over and over to one terminal. */
async function benchTerminal(
  bytes: number,
  sample: Uint8Array,
  drawing: Drawing = 'auto',
): Promise<TerminalBench> {
  const element = document.createElement('div')
  element.style.cssText = 'width:900px;height:500px'
  document.body.replaceChildren(element)
  const host = new Flood(bytes, sample)
  const frames = watchFrames()
  const before = heapNow()
  const done = Promise.withResolvers<void>()
  const began = performance.now()
  const terminal = new AgentTerminal({
    bridge: host,
    nextStream: () => 1,
    attempt: 'bench/flood#1' as AttemptId,
    element,
    label: 'flood',
    drawing,
    doors: {
      onLeave: () => undefined,
      onFind: () => undefined,
      onCopy: () => undefined,
      onLink: () => undefined,
      gapText: String,
    },
    onChange: ({ phase }) => {
      if (phase === 'ended') done.resolve()
    },
    onRefused: () => undefined,
  })
  await host.acknowledged
  const ms = performance.now() - began
  await done.promise
  const gaps = frames()
  const heap: TerminalBench['heap'] = before === null ? null : [before, heapNow() ?? 0]
  const renderer = terminal.view.drawnBy
  terminal.close()
  return {
    rate: bytes / 1e6 / (ms / 1_000),
    ms,
    mostInFlight: host.mostInFlight,
    longestFrame: gaps.at(-1) ?? 0,
    p95Frame: gaps[Math.floor(gaps.length * 0.95)] ?? 0,
    heap,
    renderer,
  }
}

/** Sends as fast as acknowledgements allow. */
class Flood implements AmphitheatreBridge {
  readonly acknowledged: Promise<void>
  mostInFlight = 0
  readonly #bytes: number
  readonly #piece: Uint8Array
  readonly #listeners = new Map<MessageName, (message: never) => void>()
  readonly #channel = new MessageChannel()
  readonly #all = Promise.withResolvers<void>()
  #sent = 0
  #acked = 0

  constructor(bytes: number, sample: Uint8Array) {
    this.#bytes = bytes
    this.#piece = new Uint8Array(PIECE)
    for (let at = 0; at < PIECE; at += sample.length) this.#piece.set(sample.subarray(0, PIECE - at), at)
    this.acknowledged = this.#all.promise
    this.#channel.port1.onmessage = () => this.#send()
  }

  #send(): void {
    if (this.#sent >= this.#bytes) {
      if (this.#acked >= this.#bytes) this.#post('ended', { stream: 1, error: null })
      return
    }
    if (this.#sent - this.#acked >= STREAM_WINDOW.output) return
    const data = this.#piece.slice(0, Math.min(PIECE, this.#bytes - this.#sent))
    const offset = this.#sent
    this.#sent += data.length
    this.mostInFlight = Math.max(this.mostInFlight, this.#sent - this.#acked)
    this.#post('output', { stream: 1, offset, data })
    this.#channel.port2.postMessage(null)
  }

  #post<K extends MessageName>(name: K, message: Messages[K]): void {
    this.#listeners.get(name)?.(message as never)
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    this.#listeners.set(name, listener as (message: never) => void)
    return () => this.#listeners.delete(name)
  }

  async request(name: string, args: unknown): Promise<never> {
    if (name === 'ack') {
      this.#acked += (args as { weight: number }).weight
      if (this.#acked >= this.#bytes) this.#all.resolve()
    }
    if (name === 'ack' || name === 'output') this.#channel.port2.postMessage(null)
    return null as never
  }
}

function heapNow(): number | null {
  const { memory } = performance as { memory?: { usedJSHeapSize: number } }
  return memory?.usedJSHeapSize ?? null
}

/** Counts until called; then the times between frames, shortest first, ms. */
function watchFrames(): () => readonly number[] {
  const gaps: number[] = []
  let last = performance.now()
  let over = false
  const frame = (now: number): void => {
    gaps.push(now - last)
    last = now
    if (!over) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  return () => {
    over = true
    return gaps.sort((a, b) => a - b)
  }
}

/** Lines as a build makes them: colours, times, paths; the same for the page and for the parser alone. */
function benchSample(bytes = 1_000_000): Uint8Array {
  const encoder = new TextEncoder()
  let text = ''
  for (let n = 0; text.length < bytes; n++) {
    text += `\u001b[32mok\u001b[0m ${String(n).padStart(7)} src/api/orders.test.ts \u001b[2m(${(n * 7919) % 997} ms)\u001b[0m stored the record and read it back\r\n`
  }
  return encoder.encode(text)
}

Object.assign(window, { benchTerminal, benchSample })
