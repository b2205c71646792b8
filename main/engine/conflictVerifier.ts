import type { Conflict } from '../domain/conflicts/conflict.ts'
import type { EventEnvelope, EventType } from '../domain/events.ts'
import { type AttemptParts, type ProjectId, parseAttemptId, type RunId } from '../domain/ids.ts'
import { planIndex } from '../domain/plan.ts'
import { isOver } from '../domain/registered/registered.ts'
import type { ProjectRecord, Run, State } from '../domain/state.ts'
import type { FileHistory, HandWork } from './ports/workspaces.ts'
import type { World } from './world.ts'

const STIRRING: ReadonlySet<EventType> = new Set([
  'conflict.resolved',
  'task.completed',
  'task.failed',
  'task.skipped',
  'run.settled',
  'registered.completed',
  'registered.terminated',
])

/**
 * Looks in git whether a settled conflict came out as it was settled, once the tasks of its parties are. What is still
 * to be looked at can be seen from the state, so nothing is lost by a restart.
 */
export class ConflictVerifier {
  readonly #world: Pick<World, 'engine' | 'workspaces' | 'log'>
  #looking: Promise<void> = Promise.resolve()
  #closed = false

  constructor(world: Pick<World, 'engine' | 'workspaces' | 'log'>) {
    this.#world = world
  }

  published(events: readonly EventEnvelope[], state: State): void {
    if (!events.some(({ data }) => STIRRING.has(data.type))) return
    this.recover(state)
  }

  recover(state: State): void {
    for (const project of state.projects.values())
      if (project.conflicts.some((conflict) => isDue(state, project, conflict))) this.#look(project.id)
  }

  close(): void {
    this.#closed = true
  }

  #look(project: ProjectId): void {
    this.#looking = this.#looking.then(() => this.#verifyAll(project))
  }

  async #verifyAll(project: ProjectId): Promise<void> {
    const { engine, log } = this.#world
    const record = engine.state.projects.get(project)
    const due = record?.conflicts.filter((one) => isDue(engine.state, record, one)) ?? []
    for (const conflict of due) {
      if (this.#closed) return
      try {
        const verdict = await this.#verify(project, conflict)
        await engine.report({
          type: 'report.conflict-verified',
          project,
          conflict: conflict.id,
          ...verdict,
        })
      } catch (error) {
        log(`looking in git how ${conflict.id} came out: ${String(error)}`)
      }
    }
  }

  async #verify(project: ProjectId, conflict: Conflict): Promise<Verdict> {
    const { engine, workspaces } = this.#world
    const histories: RunHistory[] = []
    for (const run of runsOf(engine.state, conflict)) {
      const { id, root } = engine.state.runs.get(run)!
      const found = await workspaces.fileHistory({ project, run: id, root }, conflict.files)
      histories.push(...found.map((one) => ({ ...one, run })))
    }
    const works = handsOf(engine.state.projects.get(project)!, conflict)
    if (works.length > 0) {
      const found = await workspaces.handHistory(works, conflict.files)
      histories.push(...found.map((one) => ({ ...one, run: null })))
    }
    return judge(conflict, histories)
  }
}

/** In which run a file was changed, null by hand: agents of two runs may have one name. */
export type RunHistory = FileHistory & { readonly run: RunId | null }

export interface Verdict {
  readonly clean: boolean
  readonly detail: string
}

/** Whether what git shows is what was settled, in words. */
export function judge(conflict: Conflict, histories: readonly RunHistory[]): Verdict {
  const marked = histories.filter(({ marked: is }) => is).map(({ path }) => path)
  if (marked.length > 0)
    return { clean: false, detail: `marks of an unfinished merge are left in ${marked.join(', ')}` }
  const { action, keep } = conflict.resolution!
  const barred =
    action === 'discard'
      ? conflict.parties.slice(-1)
      : action === 'terminate' || action === 'split'
        ? conflict.parties.filter((holder) => holder !== keep)
        : []
  for (const holder of barred) {
    const paths = histories.filter(({ run, agents }) => agents.some((agent) => isOf(holder, run, agent)))
    if (paths.length > 0) {
      const files = paths.map(({ path }) => path).join(', ')
      return { clean: false, detail: `${nameOf(holder)} changed ${files} all the same` }
    }
  }
  if (histories.length === 0) return { clean: true, detail: 'git shows no change of these files' }
  const words = histories.slice(0, 3).map(({ path, agents }) => `${path} by ${agents.join(' and ')}`)
  return { clean: true, detail: `changed: ${words.join('; ')}` }
}

/** `BuildMaster/compile-api#1` is the agent of `r1/compile-api#1`. */
function isOf(holder: string, run: RunId | null, agent: string): boolean {
  if (run === null) return agent === holder
  const parts = parseAttemptId(holder)
  return parts?.run === run && agent.endsWith(`/${parts.task}#${parts.attempt}`)
}

function nameOf(holder: string): string {
  return parseAttemptId(holder)?.task ?? holder
}

/** Settled, not looked at yet, and nothing more to come from the tasks of its parties. */
function isDue(state: State, project: ProjectRecord, conflict: Conflict): boolean {
  const { resolution } = conflict
  if (resolution === null || resolution.verified !== null || resolution.action === 'dismiss') return false
  const parts = conflict.parties.flatMap((holder) => parseAttemptId(holder) ?? [])
  const byHand = conflict.parties.flatMap((holder) => project.registered[holder] ?? [])
  // Of whom nothing is known any more nothing is said.
  if (parts.length + byHand.length < conflict.parties.length || !byHand.every(isOver)) return false
  const runs = parts.map(({ run }) => state.runs.get(run))
  return runs.every((run, i) => run?.tip != null && run.delivery !== 'discarded' && isSettled(run, parts[i]!))
}

function isSettled(run: Run, { task }: AttemptParts): boolean {
  const index = planIndex(run.plan).byId.get(task)
  return run.endedAt !== null || (index !== undefined && run.tasks.get(index)!.outcome !== null)
}

function handsOf({ registered }: ProjectRecord, { parties }: Conflict): readonly HandWork[] {
  return parties.flatMap((holder) => {
    const agent = registered[holder]
    return agent === undefined ? [] : [{ agent: agent.id, folder: agent.folder, commit: agent.commit }]
  })
}

function runsOf(state: State, { parties }: Conflict): readonly RunId[] {
  const ids = parties.flatMap((holder) => parseAttemptId(holder)?.run ?? [])
  return [...new Set(ids)].filter((id) => state.runs.has(id))
}
