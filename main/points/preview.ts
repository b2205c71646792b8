import type { RollbackPoint } from '../domain/points/point.ts'
import { type RollbackPlan, rollbackPlan, type SeenBranch } from '../domain/rollback/rollbackPlan.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { TargetSpec } from '../domain/targets/target.ts'
import type { SeenRepository } from '../engine/ports/pointCommits.ts'
import type { PreviewFacts, PreviewRequest, RollbackPreview } from '../engine/ports/rollbackPreview.ts'
import { changedFiles } from './environment.ts'
import type { PointTools } from './tools.ts'

/** Looks outside only. A thing that cannot be found out is said to be unknown; it keeps nobody from going back. */
const COUNT_LIMIT_MS = 10_000

export async function rollbackPreview(
  tools: PointTools,
  state: State,
  request: PreviewRequest,
): Promise<RollbackPreview> {
  const project = state.projects.get(request.project)
  if (project === undefined) return { ok: false, reason: `project ${request.project} is not registered` }
  const point = project.points.find(({ id }) => id === request.point)
  const unknown: string[] = []
  const seen = point === undefined ? null : await repositoryOf(tools, project, point, unknown)
  const move = point === undefined || seen === null ? null : moveTo(point, seen)
  const { target, parts } = request
  // A part that was chosen and has nowhere to go is refused with its reason.
  const stays = point === undefined || seen === null || move !== null ? null : staysWhere(point, seen)
  if (stays !== null && parts?.includes('branch') === true) return { ok: false, reason: stays }
  const planned = rollbackPlan(project, target, request.point, { parts, move })
  if (!planned.ok) return { ok: false, reason: planned.reason }
  // Of the repository, which the state knows nothing of: no part of what is decided.
  const plan =
    stays === null ? planned.plan : { ...planned.plan, warnings: [...planned.plan.warnings, stays] }
  return { ok: true, plan, move, facts: await factsOf(tools, project, plan, seen, unknown) }
}

async function repositoryOf(
  tools: PointTools,
  { id, root }: ProjectRecord,
  point: RollbackPoint,
  unknown: string[],
): Promise<SeenRepository | null> {
  if (point.git === null) return null
  const commits = [point.release?.commit, point.git.commit].filter((one) => one != null)
  try {
    return await tools.commits.lookAt({ project: id, root, commits, branch: point.git.branch })
  } catch (error) {
    unknown.push(`the repository: ${(error as Error).message}`)
    return null
  }
}

/** What its release was made from, where the branch holds that; else where the branch stood when it was made. */
function moveTo(point: RollbackPoint, { commit: from, held }: SeenRepository): SeenBranch | null {
  const git = point.git
  if (git === null || from === null) return null
  const to = [point.release?.commit, git.commit].find((one) => one != null && Object.hasOwn(held, one))
  return to == null ? null : { branch: git.branch, from, to }
}

/** Why the branch does not go back, where it is gone or has lost what the point names: nothing says so otherwise. */
function staysWhere({ id, git, release }: RollbackPoint, { commit: from }: SeenRepository): string | null {
  if (git === null) return null
  const to = release?.commit ?? git.commit
  if (from === null)
    return `the branch ${git.branch} is gone and does not come back by itself: git branch ${git.branch} ${to.slice(0, 12)}, once ${id} is back`
  return `the branch ${git.branch} stays: it does not hold ${to.slice(0, 12)}, which ${id} is of, any more (was it written anew?)`
}

async function factsOf(
  tools: PointTools,
  project: ProjectRecord,
  plan: RollbackPlan,
  seen: SeenRepository | null,
  unknown: string[],
): Promise<PreviewFacts> {
  const spec = plan.target === null ? null : project.targets[plan.target]!.spec
  const branch = plan.steps.find(({ id }) => id === 'branch')?.action
  const to = branch?.do === 'restore' ? branch.move?.to : undefined
  return {
    commits: to === undefined ? [] : (seen?.held[to] ?? []),
    uncommitted: seen?.uncommitted ?? null,
    rows: spec === null ? null : await rowsNow(tools, project, plan, spec, unknown),
    settings: await changedFiles(project.root, plan.point.environment).catch(() => []),
    unknown,
  }
}

async function rowsNow(
  tools: PointTools,
  project: ProjectRecord,
  { point }: RollbackPlan,
  spec: TargetSpec,
  unknown: string[],
): Promise<Readonly<Record<string, number>> | null> {
  if (point.database === null) return null
  try {
    const { database } = tools.placeOf(project.id, spec)
    return (await database?.count(AbortSignal.timeout(COUNT_LIMIT_MS))) ?? null
  } catch (error) {
    unknown.push(`rows there are now: ${(error as Error).message}`)
    return null
  }
}
