import type { Answer, CommandEnvelope, Rejection, RejectionCode } from './commands.ts'
import type { DomainEvent, EventEnvelope } from './events.ts'
import { eventVersion } from './eventVersions.ts'
import { evolve } from './evolve.ts'
import type { ProjectId, RunId } from './ids.ts'
import type { Run, State } from './state.ts'

/**
 * A decision in the making: the events so far and the state they lead to, so that each rule sees what the ones
 * before it did. Nothing outside is touched; a draft that is thrown away never was.
 */
export class Draft {
  readonly now: number
  readonly envelope: CommandEnvelope
  readonly events: EventEnvelope[] = []
  /** What the sender is told beside that it was done: the number of its message, the name of its hand-off. */
  answer: Answer | undefined
  state: State

  constructor(state: State, envelope: CommandEnvelope, now: number) {
    this.state = state
    this.envelope = envelope
    this.now = now
  }

  emit(scope: { readonly project: ProjectId | null; readonly run: RunId | null }, data: DomainEvent): void {
    const { id, correlation, actor } = this.envelope
    const event: EventEnvelope = {
      seq: this.state.seq + 1,
      type: data.type,
      version: eventVersion(data.type),
      project: scope.project,
      run: scope.run,
      causation: id,
      correlation,
      actor,
      time: this.now,
      data,
    }
    this.state = evolve(this.state, event)
    this.events.push(event)
  }

  /** Emits an event of a run. */
  emitRun(run: RunId, data: DomainEvent): void {
    this.emit({ project: this.run(run).project, run }, data)
  }

  /** The run as it now is; throws for one that is not live. */
  run(id: RunId): Run {
    const run = this.state.runs.get(id)
    if (run === undefined) throw new Error(`run ${id} is not live`)
    return run
  }
}

export function reject(rejected: RejectionCode, reason: string): Rejection {
  return { rejected, reason }
}

/** A rule's answer: nothing (the draft holds the events) or why not. */
export type Verdict = Rejection | undefined
