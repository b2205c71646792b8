import { createInterface } from 'node:readline'
import type { Committed } from './churn.ts'

/**
 * What the host of `pageHosting.ts` does when told by a line `{order, args}` on its standard input; it answers each
 * with a line of JSON.
 */
export interface Orders {
  /** Starts a run of agents that work until the host ends; answers when all do. */
  readonly agents: {
    readonly args: { readonly count: number }
    readonly answer: { readonly run: string }
  }
  /** Plays runs that are over until the log has so many events. */
  readonly fill: {
    readonly args: { readonly events: number }
    readonly answer: { readonly events: number }
  }
  /** Pauses and resumes the agents of a run in turn, so that about so many events a second are appended. */
  readonly churn: {
    readonly args: ChurnArgs & { readonly run: string }
    readonly answer: { readonly events: number; readonly commits: readonly Committed[] }
  }
  /** Sends the same events at the same rate to the page that is nothing else; `at` is when they were sent. */
  readonly echo: { readonly args: ChurnArgs; readonly answer: Orders['churn']['answer'] }
  /** An agent writes so many bytes as fast as its file takes them; answers at the end, with the start. */
  readonly output: {
    readonly args: { readonly attempt: string; readonly bytes: number }
    readonly answer: { readonly began: number }
  }
  /** CPU time of the process so far, s. */
  readonly cpu: { readonly args: Record<string, never>; readonly answer: { readonly seconds: number } }
}

export interface ChurnArgs {
  readonly agents: number
  readonly perSecond: number
  readonly ms: number
}

export type OrderHandlers = {
  readonly [K in keyof Orders]: (args: Orders[K]['args']) => Promise<Orders[K]['answer']>
}

/** Does what standard input says, one order after the other, until it ends. */
export async function takeOrders(handlers: OrderHandlers): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { order, args } = JSON.parse(line) as { order: keyof Orders; args: never }
    console.log(JSON.stringify(await handlers[order](args)))
  }
}
