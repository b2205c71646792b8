import { agentName, attemptId } from '../../domain/ids.ts'
import { isOver, type Registered } from '../../domain/registered/registered.ts'
import { type ProjectRecord, runningMs, type State } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { theAgent, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { describeTask, runName } from '../describe.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { holderName } from '../holderName.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { conflictLine, openConflicts } from './conflictLines.ts'
import { knownProject, type OfProject, registeredBy } from './here.ts'
import { since } from './register.ts'

/** `amphi agent list`, `amphi agent status`: agents started by hand and those of runs, together. */

export interface ListOptions extends OfProject {
  readonly all?: boolean
}

export async function list(context: Context, options: ListOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    const rows = agentRows(state, knownProject(context, state, options.project), options.all === true)
    for (const line of shown(context, rows, options.all === true)) await context.out.line(line)
    if (context.out.json) for (const { mark: _, ...row } of rows) await context.out.object(row)
    return EXIT.done
  })
}

export interface AgentRow {
  readonly id: string
  readonly name: string
  readonly kind: 'by-hand' | 'run'
  readonly state: string
  readonly mark: Mark
  /** 0 first, 5 last. */
  readonly priority: number
  /** In words: how long it has been at work. */
  readonly time: string
  readonly files: readonly string[]
  readonly why: string
}

const MARKS: Readonly<Record<Registered['state'], Mark>> = {
  REGISTERED: 'waiting',
  WAITING: 'waiting',
  BLOCKED: 'blocked',
  RUNNING: 'running',
  COMPLETING: 'running',
  TIMEOUT: 'failed',
  CONFLICT: 'conflict',
  COMPLETED: 'done',
  TERMINATED: 'failed',
}

export function agentRows(
  state: State,
  project: ProjectRecord | undefined,
  all: boolean,
): readonly AgentRow[] {
  if (project === undefined) return []
  const byHand = Object.values(project.registered).filter((agent) => all || !isOver(agent))
  return [...byHand.map((agent) => handRow(state, agent)), ...runRows(state, project)]
}

function handRow(state: State, agent: Registered): AgentRow {
  const { id, name, priority, files, startedAt, endedAt } = agent
  const time = since(startedAt, endedAt ?? Date.now())
  return {
    id,
    name,
    kind: 'by-hand',
    state: agent.state,
    mark: MARKS[agent.state],
    priority,
    time,
    files,
    why: whyOf(state, agent),
  }
}

function whyOf(state: State, agent: Registered): string {
  if (agent.state === 'TERMINATED') return agent.detail
  if (agent.state === 'BLOCKED')
    return `locked by ${agent.behind.map((holder) => holderName(state, holder)).join(', ') || 'others'}`
  if (agent.state === 'WAITING') return agent.after.length === 0 ? '' : `after ${agent.after.join(', ')}`
  return agent.stopAskedBy === null || isOver(agent) ? '' : `asked to stop by ${agent.stopAskedBy}`
}

function runRows(state: State, project: ProjectRecord): readonly AgentRow[] {
  return [...state.runs.values()]
    .filter((run) => run.project === project.id)
    .flatMap((run) =>
      run.plan.tasks.flatMap((spec, i): AgentRow[] => {
        const { current } = run.tasks.get(i)!
        if (current === null) return []
        const { mark, detail } = describeTask(run, i, Date.now())
        const holder = attemptId(run.id, spec.id, current.n)
        const time = current.startedAt === null ? '' : since(0, runningMs(current, Date.now()))
        return [
          {
            id: holderName(state, holder),
            name: agentName(current.role, spec.id, current.n),
            kind: 'run',
            state: current.state,
            mark,
            priority: spec.priority,
            time,
            files: spec.writes,
            why: detail === '' ? runName(run) : detail,
          },
        ]
      }),
    )
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'PRIO', right: true },
  { title: 'TIME', right: true },
  { title: 'NAME', shrinks: true },
  // Of a path the last step says most.
  { title: 'FILES', shrinks: 'first', cuts: 'start' },
  { title: 'WHY', shrinks: true },
] as const

function shown({ out }: Context, rows: readonly AgentRow[], all: boolean): readonly string[] {
  if (out.json) return []
  if (rows.length === 0)
    return [all ? 'No agent has been at work.' : 'No agent is at work. --all lists those that were.']
  const cells = rows.map((row) => [
    row.id,
    `${out.style.glyph(row.mark)} ${out.style.tint(row.mark, row.state)}`,
    String(row.priority),
    row.time,
    plain(row.name),
    plain(row.files.join(', ')),
    plain(row.why),
  ])
  return table(COLUMNS, cells, out.style, out.columns())
}

export interface StatusOptions extends OfProject {
  readonly id?: string
}

/** All agents with the open conflicts; or one of them with what it holds and waits for. */
export async function status(context: Context, options: StatusOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    if (options.id !== undefined) return one(context, center, state, options, options.id)
    const project = knownProject(context, state, options.project)
    const conflicts = openConflicts(project)
    const rows = agentRows(state, project, true)
    if (context.out.json) {
      const agents = rows.map(({ mark: _, ...row }) => row)
      await context.out.object({ project: project?.id ?? null, agents, conflicts })
      return EXIT.done
    }
    for (const line of shown(context, rows, true)) await context.out.line(line)
    for (const conflict of conflicts) await context.out.line(conflictLine(conflict))
    return EXIT.done
  })
}

async function one(
  context: Context,
  center: ControlCenter,
  state: State,
  options: StatusOptions,
  id: string,
): Promise<ExitCode> {
  const known = knownProject(context, state, options.project)
  const agent = registeredBy(known, id)
  if (agent === undefined) return oneOfRun(context, center, state, id)
  const { out } = context
  const project = known!
  const grant = project.locks.grants.find(({ holder }) => holder === agent.id)
  const conflicts = openConflicts(project).filter(({ parties }) => parties.includes(agent.id))
  if (out.json) {
    await out.object({
      project: project.id,
      ...agent,
      holds: grant?.locks ?? [],
      token: grant?.token ?? null,
      conflicts,
    })
    return EXIT.done
  }
  const why = whyOf(state, agent)
  const rows: readonly (readonly [string, string])[] = [
    ['State', `${out.style.glyph(MARKS[agent.state])} ${agent.state}${why === '' ? '' : `: ${plain(why)}`}`],
    ['Priority', String(agent.priority)],
    ['Files', plain(agent.files.join(', ')) || 'none'],
    [
      'Holds',
      grant === undefined
        ? 'nothing'
        : `${plain(grant.locks.map(({ on }) => on).join(', '))} (token ${grant.token})`,
    ],
    ['After', agent.after.join(', ') || 'nobody'],
    ['Works in', plain(agent.folder)],
    ['At work', since(agent.startedAt, agent.endedAt ?? Date.now()) || 'not yet'],
    ['Commit', agent.commit ?? 'none'],
  ]
  await out.line(out.style.strong(`${agent.id} ${plain(agent.name)}`))
  for (const [title, text] of rows) await out.line(`  ${title.padEnd(10)}${text}`)
  for (const conflict of conflicts) await out.line(conflictLine(conflict))
  return EXIT.done
}

/** One of a run, by its task's name. */
async function oneOfRun(
  { out }: Context,
  center: ControlCenter,
  state: State,
  id: string,
): Promise<ExitCode> {
  const { run, task, index, attempt } = await theAgent(center, id)
  const live = index === undefined ? undefined : state.runs.get(run.id)
  const told = live === undefined ? undefined : describeTask(live, index!, Date.now())
  const name = `${run.epic}#${run.number}/${task}#${attempt}`
  const [is, why] = [told?.word ?? run.status, told?.detail ?? '']
  if (out.json) await out.object({ project: run.project, id: name, is, why })
  else await out.line(`${name} ${is}${why === '' ? '' : `: ${why}`}`)
  return EXIT.done
}
