import type { Command, Outcome } from '../domain/commands.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { type CommandId, commandId, type ProjectId } from '../domain/ids.ts'
import { isPointEvent } from '../domain/points/evolvePoints.ts'
import { policyOf } from '../domain/points/keeping.ts'
import { pointFolder, type RollbackPoint } from '../domain/points/point.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { PointCommits } from '../engine/ports/pointCommits.ts'
import { type ImageKeep, releaseImages } from './keepImage.ts'
import { PointError } from './pointError.ts'
import { dropRemoved, folderOf, listPoints, readManifest, setRemoved } from './pointFolder.ts'
import { type RemoteStore, rclone } from './remote.ts'

/** What it follows: an engine. */
export interface KeeperSource {
  readonly state: State
  onPublish(listener: (events: readonly EventEnvelope[], state: State) => void): () => void
  dispatch(command: Command, actor: string, id: CommandId): Promise<Outcome>
}

export interface PointKeeperOptions {
  readonly dataDir: string
  readonly commits: PointCommits
  readonly images: ImageKeep
  readonly remote?: RemoteStore
}

const LOOK_MS = 60_000
const AGE_MS = 3_600_000
const FIRST_RETRY_MS = 30_000
const MAX_RETRY_MS = 3_600_000

/**
 * Keeps the disk, the hub, Docker and the store elsewhere as the points on record want them, one round after the other:
 * resting → (points changed, or a minute went by) → going round → resting. What it cannot do is told and tried again.
 * What an action at work is making is left alone: a round passes over projects that have one.
 */
export class PointKeeper {
  readonly #options: PointKeeperOptions
  readonly #remote: RemoteStore
  #source: KeeperSource | undefined
  #off: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #wanted = false
  readonly #closing = new AbortController()
  readonly #closed = Promise.withResolvers<never>()
  #trouble: string | null = null
  #agedAt = 0
  /** Something may lie about that no point names. */
  #unswept = true
  /** Copies that failed: when the next try is due, by point. */
  readonly #later = new Map<string, { at: number; waitMs: number }>()
  #log: (line: string) => void = () => undefined

  constructor(options: PointKeeperOptions) {
    this.#options = options
    this.#remote = options.remote ?? rclone()
  }

  follow(source: KeeperSource, log: (line: string) => void): void {
    this.#source = source
    this.#log = log
    this.#off = source.onPublish((events) => {
      if (events.some(({ data }) => isPointEvent(data) || data.type === 'run.settled')) {
        this.#unswept = true
        this.#ask()
      }
    })
    this.#timer = setInterval(() => this.#ask(), LOOK_MS)
    this.#timer.unref()
    this.#ask()
  }

  /** What is in the way, in words; null when nothing is. */
  trouble(): string | null {
    return this.#trouble
  }

  /** Resolves when nothing is left to do that can be done now. */
  async settled(): Promise<void> {
    await this.#round
  }

  async close(): Promise<void> {
    this.#off?.()
    clearInterval(this.#timer)
    const end = new Error('the program ends')
    this.#closed.promise.catch(() => undefined)
    this.#closed.reject(end)
    this.#closing.abort(end)
    await this.#round
  }

  #ask(): void {
    if (this.#wanted || this.#closing.signal.aborted) return
    this.#wanted = true
    this.#round = this.#round.then(async () => {
      this.#wanted = false
      if (this.#closing.signal.aborted) return
      try {
        await this.#goRound()
        this.#trouble = null
      } catch (error) {
        if (this.#closing.signal.aborted) return
        const words = error instanceof Error ? error.message : String(error)
        if (words !== this.#trouble) this.#log(`rollback points: ${words}`)
        this.#unswept = true
        this.#trouble = `Rollback points could not be tidied up: ${words}`
      }
    })
  }

  /** Each part by itself: a store that is away keeps nobody from making copies elsewhere. */
  async #goRound(): Promise<void> {
    const { state } = this.#source!
    const parts: (() => Promise<void>)[] = [...this.#sweeps()]
    for (const project of state.projects.values()) parts.push(() => this.#copyAll(project))
    parts.push(() => this.#age(state))
    const failures: unknown[] = []
    for (const part of parts) await part().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  /** A store elsewhere may take minutes over one project: whatever is let go is asked of the state of just then. */
  #sweeps(): readonly (() => Promise<void>)[] {
    if (!this.#unswept) return []
    this.#unswept = false
    const left = (swept: boolean): void => {
      if (!swept) this.#unswept = true
    }
    const projects = [...this.#source!.state.projects.keys()].map(
      (id) => async () => left(await this.#sweep(id)),
    )
    return [...projects, async () => left(await this.#sweepImages())]
  }

  async #age(state: State): Promise<void> {
    if (Date.now() - this.#agedAt <= AGE_MS) return
    this.#agedAt = Date.now()
    for (const project of state.projects.keys()) await this.#send({ type: 'report.points-aged', project })
  }

  /** Keys of the points on record; null while an action is at work that may be making one. */
  #keysOf(id: ProjectId): readonly string[] | null {
    const { state } = this.#source!
    if (isBusy(state, id)) return null
    return state.projects.get(id)?.points.map(({ key }) => key) ?? []
  }

  /**
   * Folders and commits nobody names any more; a copy elsewhere goes before the last trace of it here. False: somebody is
   * at work, so that it is to be done later.
   */
  async #sweep(id: ProjectId): Promise<boolean> {
    const { dataDir, commits } = this.#options
    // Listed before it is asked what is on record: what is made meanwhile is not in the list.
    for (const name of (await listPoints(dataDir, id)).whole) {
      const keys = this.#keysOf(id)
      if (keys === null) return false
      if (!keys.some((key) => pointFolder(key) === name)) await setRemoved(dataDir, id, name)
    }
    await commits.releaseCommits(id, () => this.#keysOf(id))
    await this.#dropRemoved(id)
    return this.#keysOf(id) !== null
  }

  async #dropRemoved(id: ProjectId): Promise<void> {
    const { dataDir } = this.#options
    for (const name of (await listPoints(dataDir, id)).removed) {
      const { points, ...project } = this.#source!.state.projects.get(id)!
      // Made again under the same name, its copy is the new one's.
      if (!points.some(({ key }) => pointFolder(key) === name))
        for (const remote of remotesOf(project))
          await this.#remote.remove(placeOf(remote, id, name), this.#closing.signal)
      await dropRemoved(dataDir, id, name)
    }
  }

  /** An engine that never deployed has no use for Docker; it may not even be there. */
  async #sweepImages(): Promise<boolean> {
    const places = [...this.#source!.state.projects.values()].flatMap(({ targets }) => Object.values(targets))
    if (!places.some(({ spec }) => spec.place.kind === 'docker')) return true
    await releaseImages(this.#options.images, () => imagesOf(this.#source!.state))
    return imagesOf(this.#source!.state) !== null
  }

  async #copyAll(project: ProjectRecord): Promise<void> {
    for (const point of project.points) {
      const { remote } = policyOf(project, point.target)
      if (remote === null || point.target === null) continue
      const to = placeOf(remote, project.id, pointFolder(point.key))
      if (point.copiedTo !== to) await this.#copy(project.id, point, to)
    }
  }

  async #copy(project: ProjectId, point: RollbackPoint, to: string): Promise<void> {
    const name = `${project}/${point.id}`
    const later = this.#later.get(name)
    if (later !== undefined && later.at > Date.now()) return
    const { dataDir } = this.#options
    try {
      if ((await readManifest(dataDir, project, point.key)) === undefined)
        throw new PointError('its files are gone.', 'Remove the point.')
      await this.#remote.copy(folderOf(dataDir, project, point.key), to, this.#closing.signal)
      this.#later.delete(name)
      await this.#send({ type: 'report.point-copied', project, point: point.id, to, trouble: null })
    } catch (error) {
      if (this.#closing.signal.aborted) throw error
      const waitMs = Math.min((later?.waitMs ?? FIRST_RETRY_MS / 2) * 2, MAX_RETRY_MS)
      this.#later.set(name, { at: Date.now() + waitMs, waitMs })
      const remedy = error instanceof PointError ? ` ${error.remedy}` : ''
      const trouble = `${(error as Error).message}${remedy}`
      await this.#send({ type: 'report.point-copied', project, point: point.id, to: null, trouble })
    }
  }

  async #send(command: Command): Promise<void> {
    const sent = this.#source!.dispatch(command, 'engine', commandId(crypto.randomUUID()))
    // An engine that stands still answers nobody; the program ends all the same.
    await Promise.race([sent, this.#closed.promise])
  }
}

/** An action at work may be making what is not on record yet. */
function isBusy(state: State, project: ProjectId): boolean {
  for (const run of state.runs.values()) {
    if (run.project !== project) continue
    if (run.effects.includes('run.apply')) return true
    let index = 0
    for (const task of run.tasks) {
      if (task.current !== null && run.plan.tasks[index]!.action !== undefined) return true
      index++
    }
  }
  return false
}

/** That points and releases on record name; null while an action is at work that may be keeping another. */
function imagesOf(state: State): readonly string[] | null {
  const projects = [...state.projects.values()]
  if (projects.some(({ id }) => isBusy(state, id))) return null
  const points = projects.flatMap((project) => project.points.map(({ release }) => release))
  const targets = projects.flatMap((project) => Object.values(project.targets))
  const releases = targets.flatMap(({ current, history }) =>
    [current, ...history].map((one) => one?.release ?? null),
  )
  return [...points, ...releases].flatMap((release) => release?.image ?? [])
}

function remotesOf(project: Pick<ProjectRecord, 'targets'>): readonly string[] {
  const remotes = Object.values(project.targets).flatMap(({ spec }) => spec.points.remote ?? [])
  return [...new Set(remotes)]
}

function placeOf(remote: string, project: ProjectId, folder: string): string {
  return `${remote.replace(/\/+$/, '')}${remote.endsWith(':') ? '' : '/'}${project}/${folder}`
}
