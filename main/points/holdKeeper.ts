import type { Command } from '../domain/commands.ts'
import { isOver } from '../domain/decideRun.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { commandId, type ProjectId, runId } from '../domain/ids.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { TargetRecord } from '../domain/targets/target.ts'
import type { KeeperSource } from './pointKeeper.ts'
import type { Held, HoldEnd, PointTools } from './tools.ts'

const LOOK_MS = 30_000
const LET_GO_MS = 5 * 60_000

/**
 * Lets go of targets that are held by a rollback nobody goes on with: its run ended (a person stopped it, or the engine
 * was away), it stands still for longer than requests may wait, or it could not let go itself. Looks when a run ends, at the start, and by the clock;
 * looks never overlap. What an action at work holds is left alone.
 */
export class HoldKeeper {
  readonly #tools: PointTools
  readonly #closing = new AbortController()
  readonly #closed = Promise.withResolvers<never>()
  #source: Pick<KeeperSource, 'state' | 'onPublish' | 'dispatch'> | undefined
  #log: (line: string) => void = () => undefined
  #off: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #look: Promise<void> = Promise.resolve()
  /** What is being let go now. */
  #letting:
    | { readonly project: ProjectId; readonly target: string; readonly taken: AbortController }
    | undefined
  /** In words; null while nothing is in the way. */
  #trouble: string | null = null

  constructor(tools: PointTools) {
    this.#tools = tools
    this.#closed.promise.catch(() => undefined)
  }

  follow(source: Pick<KeeperSource, 'state' | 'onPublish' | 'dispatch'>, log: (line: string) => void): void {
    this.#source = source
    this.#log = log
    this.#off = source.onPublish((events) => {
      for (const { project, data } of events)
        if (data.type === 'target.busy' && data.by !== null) this.#giveWay(project, data.target)
      if (events.some(isReason)) this.#ask(false)
    })
    this.#timer = setInterval(() => this.#ask(true), LOOK_MS)
    this.#timer.unref()
    this.#ask(false)
  }

  trouble(): string | null {
    return this.#trouble
  }

  /** Resolves when what it was asked for so far is looked at. */
  async settled(): Promise<void> {
    await this.#look
  }

  async close(): Promise<void> {
    this.#off?.()
    clearInterval(this.#timer)
    const end = new Error('the program ends')
    this.#closing.abort(end)
    this.#closed.reject(end)
    await this.#look
  }

  /** `expired`: also where the run could still go on. At the start it is given the time to. */
  #ask(expired: boolean): void {
    this.#look = this.#look.then(async () => {
      if (this.#closing.signal.aborted) return
      try {
        await this.#lookAtAll(expired)
        this.#trouble = null
      } catch (error) {
        if (this.#closing.signal.aborted) return
        const words = `A target that is held could not be let go: ${(error as Error).message}`
        if (words !== this.#trouble) this.#log(words)
        this.#trouble = words
      }
    })
  }

  async #lookAtAll(expired: boolean): Promise<void> {
    for (const project of this.#source!.state.projects.values())
      for (const target of Object.values(project.targets)) await this.#lookAt(project, target, expired)
  }

  async #lookAt({ id }: ProjectRecord, { spec, busy }: TargetRecord, expired: boolean): Promise<void> {
    const { hold } = this.#tools.placeOf(id, spec)
    if (typeof hold === 'string' || busy !== null) return
    const held = await hold.look()
    if (held === null || held.refusing || !isLeft(this.#source!.state, held, expired)) return
    const taken = new AbortController()
    this.#letting = { project: id, target: spec.name, taken }
    // Since it was looked at somebody may have come.
    if (this.#source!.state.projects.get(id)?.targets[spec.name]?.busy !== null) return
    const signal = AbortSignal.any([this.#closing.signal, taken.signal, AbortSignal.timeout(LET_GO_MS)])
    const end = await hold.letGo(signal).catch((error: unknown) => error as Error)
    this.#letting = undefined
    this.#closing.signal.throwIfAborted()
    if (end instanceof Error ? taken.signal.aborted : end.is === 'not-held') return
    const command = { type: 'report.let-go', project: id, target: spec.name, run: held.run } as const
    await this.#send({ ...command, ...wordsOf(spec.name, end) })
  }

  /** Somebody is at work there now, and does with it what is to be done. */
  #giveWay(project: EventEnvelope['project'], target: string): void {
    const letting = this.#letting
    if (letting?.project === project && letting.target === target)
      letting.taken.abort(new Error('it is taken'))
  }

  async #send(command: Command): Promise<void> {
    const sent = this.#source!.dispatch(command, 'engine', commandId(crypto.randomUUID()))
    await Promise.race([sent, this.#closed.promise])
  }
}

function isReason({ data }: EventEnvelope): boolean {
  return data.type === 'run.settled' || (data.type === 'target.busy' && data.by === null)
}

/** Nobody goes on with it. */
function isLeft(state: State, { run, expired, left }: Held, mayStand: boolean): boolean {
  if (left) return true
  const known = state.runs.get(runId(run))
  return known === undefined || isOver(known) || (expired && mayStand)
}

function wordsOf(target: string, end: HoldEnd | Error) {
  if ('is' in end && end.is === 'opened')
    return { state: 'unverified', reason: `Nothing was changed, ${end.version} answers again.` } as const
  const how =
    end instanceof Error
      ? `${target} is held, and what answered before could not be started yet: ${end.message.replace(/[.!?]$/, '')}`
      : `The data of ${target} were exchanged, and nothing that fits them was started: requests are refused (503)`
  return { state: 'half', reason: `${how}. Go back to a point (amphi rollback), or deploy anew.` } as const
}
