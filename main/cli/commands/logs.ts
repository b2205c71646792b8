import type { ControlCenter } from '../../engine/controlCenter.ts'
import { theAgent, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownAgent } from '../references.ts'
import { isEngineGone } from '../session.ts'

export interface LogsOptions {
  readonly follow: boolean
  readonly run?: string
}

/** `amphi logs AGENT`: the agent's output, byte for byte; with --json one object a piece. */
export async function logs(context: Context, reference: string, options: LogsOptions): Promise<ExitCode> {
  return withReader(context, async (center, running) => {
    const agent = await theAgent(center, reference, options.run)
    const over = new AbortController()
    const stop = () => over.abort()
    process.once('SIGINT', stop)
    const follow = options.follow && running !== undefined
    const printed = new Printer(context, agent)
    try {
      await printed.from(center, follow, over.signal)
    } catch (error) {
      // The host of a run ends with it. What its clients have not seen yet is on disk.
      if (!isEngineGone(error)) throw error
      const { dataDir, engines } = context
      await printed.from(await engines.openPassive({ dataDir }), false, over.signal)
    } finally {
      process.off('SIGINT', stop)
    }
    return over.signal.aborted ? EXIT.interrupted : EXIT.done
  })
}

class Printer {
  readonly #context: Context
  readonly #agent: KnownAgent
  /** Offset of the first byte not printed yet. */
  #next = 0

  constructor(context: Context, agent: KnownAgent) {
    this.#context = context
    this.#agent = agent
  }

  async from(center: ControlCenter, follow: boolean, signal: AbortSignal): Promise<void> {
    const { out } = this.#context
    const attempt = this.#agent.id
    for await (const { offset, data } of center.terminal({ attempt, from: this.#next, follow }, signal)) {
      if (out.json) await out.object({ attempt, offset, data: Buffer.from(data).toString('base64') })
      else await out.write(data)
      this.#next = offset + data.length
    }
  }
}
