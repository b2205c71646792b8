import { planIndex } from '../../domain/plan.ts'
import { isOver } from '../../domain/registered/registered.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { describeTask, runName } from '../describe.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { plain } from '../view/text.ts'
import { knownProject, type OfProject } from './here.ts'

/** `amphi deps`: who comes after whom, with how each is: tasks of runs that are under way, and agents started by hand. */

export type DepsOptions = OfProject

export interface Node {
  readonly of: string
  readonly id: string
  readonly state: string
  /** Ids before it. */
  readonly after: readonly string[]
  /** False: those before it are only said to come before. */
  readonly waits: boolean
}

export async function deps(context: Context, options: OfProject): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    const project = knownProject(context, state, options.project)
    const nodes = project === undefined ? [] : graphOf(state, project)
    if (context.out.json) for (const node of nodes) await context.out.object(node)
    else for (const line of lines(context, nodes)) await context.out.line(line)
    return EXIT.done
  })
}

function graphOf(state: State, project: ProjectRecord): readonly Node[] {
  const byHand = Object.values(project.registered)
  const needed = new Set(byHand.filter((agent) => !isOver(agent)).flatMap(({ after }) => after))
  return [
    ...byHand
      .filter((agent) => !isOver(agent) || needed.has(agent.id))
      .map(({ id, name, state: is, after, waits }) => ({
        of: 'by hand',
        id: `${id} (${name})`,
        state: is,
        after,
        waits,
      })),
    ...[...state.runs.values()]
      .filter((run) => run.project === project.id && run.endedAt === null)
      .flatMap((run) =>
        run.plan.tasks.map((spec, i) => ({
          of: runName(run),
          id: spec.id,
          state: describeTask(run, i, Date.now()).word,
          after: planIndex(run.plan).needs[i]!.map((need) => run.plan.tasks[need]!.id),
          waits: true,
        })),
      ),
  ]
}

function lines({ out }: Context, nodes: readonly Node[]): readonly string[] {
  if (nodes.length === 0) return ['Nobody is at work, so nobody waits for anybody.']
  const all: string[] = []
  for (const [of, group] of Map.groupBy(nodes, (node) => node.of)) {
    all.push(out.style.strong(of === 'by hand' ? 'Started by hand' : of))
    for (const { id, state, after, waits } of group) {
      const needs =
        after.length === 0
          ? ''
          : ` ${out.style.muted(`${waits ? 'after' : 'beside'} ${after.map(plain).join(', ')}`)}`
      all.push(`  ${plain(id)}: ${state}${needs}`)
    }
  }
  return all
}
