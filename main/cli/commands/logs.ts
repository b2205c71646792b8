import { theAgent, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'

export interface LogsOptions {
  readonly follow: boolean
  readonly run?: string
}

/** `amphi logs AGENT`: the agent's output, byte for byte; with --json one object a piece. */
export async function logs(context: Context, reference: string, options: LogsOptions): Promise<ExitCode> {
  return withReader(context, async (center, running) => {
    const agent = await theAgent(center, reference, options.run)
    const { out } = context
    const over = new AbortController()
    const stop = () => over.abort()
    process.once('SIGINT', stop)
    const follow = options.follow && running !== undefined
    try {
      for await (const { offset, data } of center.terminal(
        { attempt: agent.id, from: 0, follow },
        over.signal,
      )) {
        if (out.json) {
          await out.object({ attempt: agent.id, offset, data: Buffer.from(data).toString('base64') })
        } else await out.write(data)
      }
    } finally {
      process.off('SIGINT', stop)
    }
    return over.signal.aborted ? EXIT.interrupted : EXIT.done
  })
}
