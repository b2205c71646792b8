import type { ControlCenter } from '../../engine/controlCenter.ts'
import { theAgent } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownAgent } from '../references.ts'
import { connect, isEngineGone } from '../session.ts'

export interface AttachOptions {
  readonly run?: string
}

const CTRL_P = 0x10
const CTRL_Q = 0x11

/** `amphi attach AGENT`: this terminal becomes the agent's until Ctrl-P Ctrl-Q or the agent's end. */
export async function attach(context: Context, reference: string, options: AttachOptions): Promise<ExitCode> {
  const { stdin, out } = context
  if (stdin.isTTY !== true || !out.isTty) {
    throw new CliError('attach needs a terminal.', '`amphi logs --follow` shows the output without one.')
  }
  const session = await connect(context)
  if (session === undefined)
    throw new CliError('No engine is running, so no agent is at work.', '`amphi resume` starts one.')
  try {
    const agent = await theAgent(session.center, reference, options.run)
    const attempt = agent.index === undefined ? undefined : agent.run.live?.tasks.get(agent.index)?.current
    if (attempt?.n !== agent.attempt) {
      throw new CliError(
        `${agent.task}#${agent.attempt} is not at work.`,
        `\`amphi logs ${agent.task}#${agent.attempt}\` shows what it said.`,
      )
    }
    out.note(`Attached to ${attempt.role}/${agent.task}#${agent.attempt}. Ctrl-P Ctrl-Q detaches.`)
    const detached = await connectTerminal(context, session.center, agent)
    out.note(detached ? '\r\nDetached; the agent goes on.' : '\r\nThe agent is over, or its engine is.')
    return EXIT.done
  } finally {
    await session.close()
  }
}

async function connectTerminal(context: Context, center: ControlCenter, agent: KnownAgent): Promise<boolean> {
  const { stdin, out } = context
  const over = new AbortController()
  const keys = new DetachKeys()
  // Keys are sent one after the other, in the order they were typed.
  let sent: Promise<void> = Promise.resolve()
  const resize = () => void center.resize(agent.id, out.columns(), out.rows()).catch(() => {})
  const type = (data: Buffer) => {
    const { bytes, detach } = keys.take(data)
    if (bytes.length > 0) sent = sent.then(() => center.input(agent.id, bytes)).catch(() => over.abort())
    if (detach) over.abort()
  }
  stdin.setRawMode(true)
  stdin.on('data', type)
  stdin.resume()
  process.stdout.on('resize', resize)
  resize()
  try {
    const request = { attempt: agent.id, from: 0, follow: true }
    for await (const { data } of center.terminal(request, over.signal)) await out.write(data)
    return over.signal.aborted
  } catch (error) {
    // The host of a run ends with it, now and then before it has told that the agent has.
    if (isEngineGone(error)) return false
    throw error
  } finally {
    process.stdout.off('resize', resize)
    stdin.off('data', type)
    stdin.setRawMode(false)
    stdin.pause()
    await sent
  }
}

/** Finds Ctrl-P Ctrl-Q in what is typed. A Ctrl-P is held back until the next key shows what it was. */
export class DetachKeys {
  /** A Ctrl-P was typed last and not passed on. */
  #held = false

  take(data: Uint8Array): { readonly bytes: Uint8Array; readonly detach: boolean } {
    const bytes: number[] = []
    for (const byte of data) {
      if (this.#held && byte === CTRL_Q) return { bytes: Uint8Array.from(bytes), detach: true }
      if (this.#held) bytes.push(CTRL_P)
      this.#held = byte === CTRL_P
      if (!this.#held) bytes.push(byte)
    }
    return { bytes: Uint8Array.from(bytes), detach: false }
  }
}
