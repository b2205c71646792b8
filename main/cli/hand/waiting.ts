import type { ProjectId } from '../../domain/ids.ts'
import type { Registered } from '../../domain/registered/registered.ts'
import type { State } from '../../domain/state.ts'
import { withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { currentState, follow } from '../follow.ts'
import { isEngineGone, type Session } from '../session.ts'

/** Waiting for what happens to an agent, over the ends of engines: another process, or this one, takes over then. */

export interface Wait {
  readonly project: ProjectId
  readonly agent: string
  readonly until: (agent: Registered) => boolean
  /** What it waits for was told: called with the agent as it is, again and again; once for each state by waitFor. */
  readonly onState?: (agent: Registered) => void
  readonly signal: AbortSignal
}

/** The agent as it is when what was waited for has come, or the signal was given; undefined when it is not known any more. */
export async function waitFor(context: Context, wait: Wait): Promise<Registered | undefined> {
  // What was told is not told again by the next engine.
  let told: string | undefined
  const onState = (agent: Registered): void => {
    if (agent.state === told) return
    told = agent.state
    wait.onState?.(agent)
  }
  for (;;) {
    try {
      return await withEngine(context, (session) => waitIn(session, { ...wait, onState }))
    } catch (error) {
      if (!isEngineGone(error)) throw error
    }
  }
}

async function waitIn({ center }: Session, wait: Wait): Promise<Registered | undefined> {
  const find = (state: State) => state.projects.get(wait.project)?.registered[wait.agent]
  const isDone = (agent: Registered | undefined) => agent === undefined || wait.until(agent)
  const first = await currentState(center)
  const tell = (agent: Registered | undefined): void => {
    if (agent !== undefined) wait.onState?.(agent)
  }
  tell(find(first))
  if (isDone(find(first)) || wait.signal.aborted) return find(first)
  const last = await follow(center, first, {
    signal: wait.signal,
    onEvent: (_, state) => tell(find(state)),
    until: (state) => isDone(find(state)),
  })
  return find(last)
}

/** Aborted by Ctrl-C, or when this process is told to end; `close` stops listening. */
export function interruption(): { readonly signal: AbortSignal; close(): void } {
  const over = new AbortController()
  const stop = (): void => over.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  return {
    signal: over.signal,
    close: () => {
      for (const signal of signals) process.off(signal, stop)
    },
  }
}
