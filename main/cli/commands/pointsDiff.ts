import type { RollbackPoint } from '../../domain/points/point.ts'
import { changesBetween } from '../../domain/points/pointHistory.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { CommitsBetween, SeenCommit } from '../../engine/ports/pointCommits.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { theProject } from '../talk/theProject.ts'
import { plain } from '../view/text.ts'
import { thePoint } from './points.ts'
import { changeWords } from './pointWords.ts'

/** `amphi points diff`: what is on record of both points, and the commits between them as the hub keeps them. */
export async function diff(
  context: Context,
  from: string,
  to: string | undefined,
  options: { readonly project?: string },
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const { out } = context
    const project = theProject(await currentState(center), context.cwd, options.project)
    const [first, last] = [thePoint(project, from), nextOf(project, from, to)]
    const changed = changesBetween(project, first, last)
    const between = { project: project.id, from: first.id, to: last.id }
    const commits = await center.commitsBetween(between)
    if (out.json) await out.object({ ...between, changed, commits })
    else for (const line of lines(context, first, last, changeWords(changed), commits)) await out.line(line)
    return EXIT.done
  })
}

function nextOf(project: ProjectRecord, from: string, to: string | undefined): RollbackPoint {
  if (to !== undefined) return thePoint(project, to)
  const first = thePoint(project, from)
  const own = project.points.filter(({ target }) => target === first.target)
  const next = own[own.indexOf(first) + 1]
  if (next !== undefined) return next
  const now = `amphi rollback --to ${from} --plan`
  throw new CliError(`There is no point after ${from}.`, `\`${now}\` tells what changed until now.`)
}

function lines(
  { out: { style } }: Context,
  first: RollbackPoint,
  last: RollbackPoint,
  changed: string,
  commits: CommitsBetween | null,
): readonly string[] {
  const head = `${style.strong(`${first.id} → ${last.id}`)}  ${plain(changed) || 'nothing changed'}`
  if (commits === null) {
    const kept = first.git === null || last.git === null
    return [head, style.muted(kept ? 'Not both know a commit.' : 'The commits are not kept any more.')]
  }
  const listed = (all: readonly SeenCommit[], count: number): readonly string[] => [
    ...all.map(
      ({ commit, author, subject }) =>
        `  ${commit.slice(0, 7)}  ${plain(subject)}  ${style.muted(plain(author))}`,
    ),
    ...(count > all.length ? [style.muted(`  ${count - all.length} older ones are not listed`)] : []),
  ]
  const { added, gone, counts } = commits
  if (counts.added + counts.gone === 0) return [head, style.muted('No commits in between.')]
  return [
    head,
    ...(counts.added === 0 ? [] : [`${counted(counts.added)} in between`, ...listed(added, counts.added)]),
    ...(counts.gone === 0 ? [] : [`${counted(counts.gone)} taken back`, ...listed(gone, counts.gone)]),
  ]
}

function counted(count: number): string {
  return count === 1 ? '1 commit' : `${count} commits`
}
