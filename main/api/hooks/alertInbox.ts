import type { ProjectId } from '../../domain/ids.ts'
import { type IncomingAlert, MOST_ALERTS } from '../../domain/incidents/incidentCommands.ts'
import { EngineGoneError } from '../localClient.ts'
import type { EngineLink } from '../pages/engineLink.ts'

/** Alerts that wait for the engine; who sends more is told to send them again. */
export const MOST_WAITING = 10_000

/** Alerts that come within so long go together, ms. */
const GATHER_MS = 20

export type Received =
  | { readonly ok: true }
  /** `busy`: it can be sent again; `refused`: the engine does not take it. */
  | { readonly ok: false; readonly why: 'busy' | 'refused'; readonly reason: string }

interface Waiting {
  readonly from: string
  readonly alerts: readonly IncomingAlert[]
  readonly resolve: (received: Received) => void
}

/**
 * Hands alerts to the engine, one command under way at a time for each project: whatever comes meanwhile goes together
 * into the next, so that a storm is a few commands. Who sent alerts is answered when they are on disk.
 */
export class AlertInbox {
  readonly #link: EngineLink
  readonly #waiting = new Map<ProjectId, Waiting[]>()
  readonly #busy = new Set<ProjectId>()
  readonly #log: ((line: string) => void) | undefined
  #count = 0

  constructor(link: EngineLink, log?: (line: string) => void) {
    this.#link = link
    this.#log = log
  }

  take(project: ProjectId, from: string, alerts: readonly IncomingAlert[]): Promise<Received> {
    if (this.#count + alerts.length > MOST_WAITING)
      return Promise.resolve({ ok: false, why: 'busy', reason: 'too many alerts are waiting' })
    this.#count += alerts.length
    return new Promise((resolve) => {
      const queue = this.#waiting.get(project) ?? []
      queue.push({ from, alerts, resolve })
      this.#waiting.set(project, queue)
      void this.#drain(project)
    })
  }

  async #drain(project: ProjectId): Promise<void> {
    if (this.#busy.has(project)) return
    this.#busy.add(project)
    // What comes in the same moment goes along, so that many senders at once are not as many commits.
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
      const batch = this.#next(project)
      if (batch.length === 0) break
      const received = await this.#send(project, batch)
      for (const { alerts, resolve } of batch) {
        this.#count -= alerts.length
        resolve(received)
      }
    }
    this.#busy.delete(project)
    this.#waiting.delete(project)
  }

  /** As many as one command holds, from one sender. */
  #next(project: ProjectId): readonly Waiting[] {
    const queue = this.#waiting.get(project) ?? []
    const first = queue[0]
    if (first === undefined) return []
    let alerts = 0
    let count = 0
    for (const one of queue) {
      alerts += one.alerts.length
      if (one.from !== first.from || (count > 0 && alerts > MOST_ALERTS)) break
      count++
    }
    return queue.splice(0, count)
  }

  async #send(project: ProjectId, batch: readonly Waiting[]): Promise<Received> {
    const { status } = this.#link
    if (status.status === 'lost') return { ok: false, why: 'busy', reason: 'the engine is starting' }
    const alerts = batch.flatMap((one) => one.alerts)
    try {
      const { from } = batch[0]!
      const outcome = await status.center.dispatch({
        command: { type: 'alerts.receive', project, from, alerts },
        actor: `hook:${from}`,
      })
      return outcome.ok ? { ok: true } : { ok: false, why: 'refused', reason: outcome.reason }
    } catch (error) {
      if (error instanceof EngineGoneError) return { ok: false, why: 'busy', reason: 'the engine went away' }
      // Of an engine that is there: told where people look, and sent again meanwhile.
      this.#log?.(`hooks: the engine did not take alerts: ${wordsOf(error)}`)
      return { ok: false, why: 'busy', reason: 'the engine could not take it now' }
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
