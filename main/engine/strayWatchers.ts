import type { EventEnvelope } from '../domain/events.ts'
import { type AttemptId, attemptId, type ProjectId, parseAttemptId, type RunId } from '../domain/ids.ts'
import { planIndex } from '../domain/plan.ts'
import { isBegun, type Run, type State } from '../domain/state.ts'
import { writesOf } from './effects/workEffects.ts'
import type { WorkspaceWatch } from './ports/strays.ts'
import { type AttemptView, runnerOf, scopeOf, viewAttempt, type World } from './world.ts'

interface Watched {
  /** Resolves to undefined where it could not be set. */
  readonly watch: Promise<WorkspaceWatch | undefined>
  closed: boolean
}

/**
 * Has the clones of agents at work watched that may write something, and reports what they write beyond that. Who may
 * write nothing commits nothing, and is not watched.
 */
export class StrayWatchers {
  readonly #world: World
  readonly #watches = new Map<AttemptId, Watched>()
  #closed = false

  constructor(world: World) {
    this.#world = world
  }

  published(events: readonly EventEnvelope[], state: State): void {
    for (const { project, run, data } of events) {
      switch (data.type) {
        case 'agent.started':
          if (data.handle !== '') this.#begin(state, run!, data.task, data.attempt)
          break
        case 'agent.exited':
        case 'agent.terminated':
          this.#end(state, run!, data.task, data.attempt)
          break
        case 'agent.reconciled':
          this.#again(idOf(state.runs.get(run!), data.task, data.attempt))
          break
        case 'locks.granted':
        case 'locks.released':
          this.#rightsChanged(state, data.holder)
          break
        case 'conflict.resolved':
          if (data.action === 'split') this.#splitUp(state, project!, data.id)
          break
      }
    }
  }

  /** After a restart: what was written meanwhile is found by the first look. */
  recover(state: State): void {
    for (const run of state.runs.values()) {
      for (let task = 0; task < run.tasks.length; task++) {
        const attempt = run.tasks.get(task)!.current
        if (attempt !== null && isBegun(attempt)) this.#begin(state, run.id, task, attempt.n)
      }
    }
  }

  close(): void {
    this.#closed = true
    for (const watched of this.#watches.values()) closeWatch(watched)
    this.#watches.clear()
  }

  #begin(state: State, run: RunId, task: number, attempt: number): void {
    const view = viewAttempt(state, { type: 'agent.start', run, task, attempt })
    if (view === undefined || this.#closed || this.#watches.has(view.id)) return
    if (view.attempt.cut === null || writesOf(this.#world, view).length === 0) return
    const watched: Watched = { watch: this.#open(view), closed: false }
    this.#watches.set(view.id, watched)
    void watched.watch.then((watch) => {
      if (watched.closed) watch?.close()
    })
  }

  async #open(view: AttemptView): Promise<WorkspaceWatch | undefined> {
    const { workspaces, log } = this.#world
    const { run, attempt, id } = view
    try {
      return await workspaces.watch({
        ...scopeOf(run),
        attempt: id,
        cut: attempt.cut!.commit,
        writes: () => writesOf(this.#world, view),
        found: (paths) => void this.#report(view, paths),
        trouble: (message) => log(`${id} is looked at now and then only: ${message}`),
      })
    } catch (error) {
      log(`${id} cannot be watched, so its commit alone is checked: ${(error as Error).message}`)
      return undefined
    }
  }

  async #report(view: AttemptView, paths: readonly string[]): Promise<void> {
    const { run, task, attempt, id } = view
    const { isolated } = runnerOf(this.#world, run, view.spec)
    const at = { run: run.id, task, attempt: attempt.n }
    try {
      await this.#world.engine.report({ type: 'report.strayed', ...at, paths, isolated })
    } catch (error) {
      this.#world.log(`what ${id} wrote could not be recorded: ${(error as Error).message}`)
      this.#again(id)
    }
  }

  /** What belongs to another now may have been written already. */
  #splitUp(state: State, project: ProjectId, id: string): void {
    const conflict = state.projects.get(project)!.conflicts.find((one) => one.id === id)
    for (const holder of conflict?.parties ?? []) this.#rightsChanged(state, holder)
  }

  #rightsChanged(state: State, holder: string): void {
    const parts = parseAttemptId(holder)
    const run = parts === undefined ? undefined : state.runs.get(parts.run)
    const task = run === undefined ? undefined : planIndex(run.plan).byId.get(parts!.task)
    const attempt = task === undefined ? null : run!.tasks.get(task)!.current
    if (attempt === null || attempt.n !== parts!.attempt || !isBegun(attempt)) return
    if (this.#watches.has(holder as AttemptId)) this.#again(holder as AttemptId)
    else this.#begin(state, run!.id, task!, attempt.n)
  }

  #again(id: AttemptId | undefined): void {
    const watched = id === undefined ? undefined : this.#watches.get(id)
    void watched?.watch.then((watch) => watch?.again())
  }

  #end(state: State, run: RunId, task: number, attempt: number): void {
    const id = idOf(state.runs.get(run), task, attempt)
    const watched = id === undefined ? undefined : this.#watches.get(id)
    if (watched === undefined) return
    closeWatch(watched)
    this.#watches.delete(id!)
  }
}

function idOf(run: Run | undefined, task: number, attempt: number): AttemptId | undefined {
  return run === undefined ? undefined : attemptId(run.id, run.plan.tasks[task]!.id, attempt)
}

function closeWatch(watched: Watched): void {
  watched.closed = true
  void watched.watch.then((watch) => watch?.close())
}
