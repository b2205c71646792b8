import { formatDuration } from '../../domain/duration.ts'
import { lockWords } from '../../domain/locks/lock.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import { dispatch, theAgent, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { agentReference, knownProject, registeredBy } from '../hand/here.ts'
import { holderName } from '../holderName.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'

/** `amphi locks`, `amphi release-locks AGENT` */

export async function locks(context: Context, options: { readonly project?: string }): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    // Before the first agent or run there is nothing to hold, and nothing wrong with asking.
    const isFirst = state.projects.size === 0 && options.project === undefined
    // A worktree belongs to the project of its repository.
    const here = knownProject(context, state, options.project)
    const project = here ?? (isFirst ? undefined : theProject(state, context.cwd, options.project))
    const rows = project === undefined ? [] : rowsOf(state, project)
    if (context.out.json) for (const row of rows) await context.out.object({ project: project!.id, ...row })
    else for (const line of lines(context, rows)) await context.out.line(line)
    return EXIT.done
  })
}

interface Row {
  readonly agent: string
  readonly state: 'holds' | 'waits'
  readonly locks: readonly string[]
  /** ms since 1970. */
  readonly since: number
  /** Fencing token; null while it waits. */
  readonly token: number | null
}

function rowsOf(state: State, project: ProjectRecord): readonly Row[] {
  const { grants, waiters } = project.locks
  return [
    ...grants.map(({ holder, locks, since, token }) => ({
      agent: holderName(state, holder),
      state: 'holds' as const,
      locks: locks.map(lockWords),
      since,
      token,
    })),
    ...waiters.map(({ holder, locks, since }) => ({
      agent: holderName(state, holder),
      state: 'waits' as const,
      locks: locks.map(lockWords),
      since,
      token: null,
    })),
  ]
}

function lines(context: Context, rows: readonly Row[]): readonly string[] {
  const { style } = context.out
  if (rows.length === 0) return [style.muted('Nobody holds a lock.')]
  const now = Date.now()
  const columns = [
    { title: 'AGENT', shrinks: true },
    { title: '' },
    { title: 'FOR', right: true },
    { title: 'LOCKS', shrinks: true },
  ]
  const cells = rows.map((row) => [
    `${row.state === 'holds' ? style.glyph('running') : style.glyph('blocked')} ${plain(row.agent)}`,
    row.state,
    formatDuration(Math.max(0, now - row.since)),
    plain(row.locks.join(', ')),
  ])
  return table(columns, cells, style, context.out.columns())
}

export interface ReleaseOptions {
  readonly id?: string
  readonly project?: string
}

export async function releaseLocks(
  context: Context,
  agent: string | undefined,
  options: ReleaseOptions,
): Promise<ExitCode> {
  const reference = agentReference(context, agent ?? options.id)
  return withEngine(context, async ({ center }) => {
    const project = knownProject(context, await currentState(center), options.project)
    const byHand = registeredBy(project, reference)
    if (byHand !== undefined) {
      await dispatch(center, { type: 'registered.release', project: project!.id, agent: byHand.id })
      return released(context, byHand.id, 'terminated')
    }
    const { run, task } = await theAgent(center, reference)
    await dispatch(center, { type: 'locks.release', run: run.id, task })
    return released(context, task, 'being stopped')
  })
}

async function released({ out }: Context, agent: string, is: string): Promise<ExitCode> {
  if (out.json) await out.object({ ok: true, agent })
  else await out.line(`${agent} holds nothing any more and is ${is}`)
  return EXIT.done
}
