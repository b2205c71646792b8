import type { EventEnvelope } from '../domain/events.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { Incident } from '../domain/incidents/incident.ts'
import { incidentReport } from '../domain/incidents/report.ts'
import type { State } from '../domain/state.ts'
import type { World } from './world.ts'

/** A timeline of 100 moments with the longest of texts stays far below. */
const MAX_BYTES = 4 * 1024 * 1024

/**
 * Writes the reports of incidents that are resolved or closed, as artifacts of their project. Which are still to be
 * written can be seen from the state, and the same incident gives the same text, so nothing is lost by a restart and
 * nothing is there twice.
 */
export class IncidentReporter {
  readonly #world: Pick<World, 'engine' | 'workspaces' | 'log'>
  #writing: Promise<void> = Promise.resolve()
  #closed = false

  constructor(world: Pick<World, 'engine' | 'workspaces' | 'log'>) {
    this.#world = world
  }

  published(events: readonly EventEnvelope[], state: State): void {
    if (events.some(({ data }) => data.type === 'incident.resolved' || data.type === 'incident.closed'))
      this.recover(state)
  }

  recover(state: State): void {
    for (const { id, incidents } of state.projects.values())
      if (incidents.some(isDue)) this.#writing = this.#writing.then(() => this.#writeAll(id))
  }

  close(): void {
    this.#closed = true
  }

  async #writeAll(project: ProjectId): Promise<void> {
    const { engine, log } = this.#world
    for (const incident of engine.state.projects.get(project)?.incidents.filter(isDue) ?? []) {
      if (this.#closed) return
      try {
        await this.#write(project, incident)
      } catch (error) {
        log(`writing the report of ${incident.id}: ${String(error)}`)
      }
    }
  }

  async #write(project: ProjectId, incident: Incident): Promise<void> {
    const { engine, workspaces } = this.#world
    const text = Buffer.from(incidentReport(incident))
    const { hash, bytes } = await workspaces.putArtifact(project, once(text), MAX_BYTES)
    const of = incident.state === 'closed' ? 'closed' : 'resolved'
    await engine.report({ type: 'report.incident-report', project, incident: incident.id, of, hash, bytes })
  }
}

function isDue({ state, report }: Incident): boolean {
  return (state === 'resolved' || state === 'closed') && report?.of !== state
}

async function* once(data: Uint8Array): AsyncIterable<Uint8Array> {
  yield data
}
