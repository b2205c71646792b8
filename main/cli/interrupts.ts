import type { Context } from './context.ts'

/**
 * What Ctrl-C means. A client goes away. A host asks: stop the agents, leave them to be adopted, or go on; a second
 * Ctrl-C stops gracefully, a third ends the process. Without a terminal to ask on, agents are left.
 *
 * watching → (interrupt) → asking, stopping or left; asking → (answer) → watching, stopping or left;
 * asking → (interrupt) → stopping; stopping → (interrupt) → gone.
 */
export type InterruptState = 'watching' | 'asking' | 'stopping' | 'left' | 'gone'
export type InterruptInput = 'interrupt' | 'terminate' | 'stop' | 'leave' | 'go-on'

export interface Situation {
  readonly role: 'client' | 'host'
  /** Can a question be asked? */
  readonly canAsk: boolean
}

export function nextInterrupt(state: InterruptState, input: InterruptInput, at: Situation): InterruptState {
  if (state === 'left' || state === 'gone') return state
  if (input === 'terminate') return 'left'
  if (state === 'stopping') return input === 'interrupt' ? 'gone' : state
  if (state === 'asking') {
    if (input === 'leave') return 'left'
    return input === 'go-on' ? 'watching' : 'stopping'
  }
  if (input !== 'interrupt') return state
  return at.role === 'host' && at.canAsk ? 'asking' : 'left'
}

/** The answer a key gives; undefined for keys that mean nothing here. */
export function answerOf(key: string): InterruptInput | undefined {
  switch (key.toLowerCase()) {
    case '\u0003':
      return 'interrupt'
    case 's':
      return 'stop'
    case 'l':
      return 'leave'
    case 'g':
    case '\r':
    case '\n':
    case '\u001b':
      return 'go-on'
    default:
      return undefined
  }
}

export interface InterruptHandlers {
  /** The question is on the screen (true), or gone again. */
  readonly onAsking: (asking: boolean) => void
  readonly onStop: () => void
  readonly onLeave: () => void
  /** At once. */
  readonly onGone: () => void
}

/**
 * Watches signals, and the keyboard while asking, until the function it returns is called. A role that may change is
 * asked for when it counts.
 */
export function watchInterrupts(
  context: Context,
  role: Situation['role'] | (() => Promise<Situation['role']>),
  handlers: InterruptHandlers,
): () => void {
  const { stdin } = context
  const canAsk = stdin.isTTY === true && context.out.isTty
  let state: InterruptState = 'watching'
  let now: Situation['role'] = typeof role === 'string' ? role : 'client'
  const take = (input: InterruptInput) => {
    const before = state
    state = nextInterrupt(state, input, { role: now, canAsk })
    if (state === before) return
    if (before === 'asking') stopAsking()
    if (state === 'asking') startAsking()
    else if (state === 'stopping') handlers.onStop()
    else if (state === 'left') handlers.onLeave()
    else if (state === 'gone') handlers.onGone()
  }
  const onKey = (data: Buffer) => {
    const input = answerOf(data.toString('utf8'))
    if (input !== undefined) take(input)
  }
  const startAsking = () => {
    stdin.setRawMode(true)
    stdin.on('data', onKey)
    stdin.resume()
    handlers.onAsking(true)
  }
  const stopAsking = () => {
    stdin.setRawMode(false)
    stdin.off('data', onKey)
    stdin.pause()
    handlers.onAsking(false)
  }
  const interrupt = async () => {
    if (typeof role !== 'string' && state === 'watching') now = await role()
    take('interrupt')
  }
  const terminate = () => take('terminate')
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  process.on('SIGHUP', terminate)
  return () => {
    if (state === 'asking') stopAsking()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
    process.off('SIGHUP', terminate)
  }
}
