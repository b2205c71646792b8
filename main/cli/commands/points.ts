import { newRunId } from '../../desk/ids.ts'
import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import { lastGoodPoint } from '../../domain/points/keeping.ts'
import type { RollbackPoint } from '../../domain/points/point.ts'
import { type PointInHistory, pointHistory } from '../../domain/points/pointHistory.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { supervise } from '../supervise.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { changeWords, testWords } from './pointWords.ts'

/** `amphi points list|show|make|test|pin|unpin|remove` */

interface OfProject {
  readonly project?: string
}

export async function list(
  context: Context,
  options: OfProject & { readonly target?: string },
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const rows = pointHistory(project).filter(
      ({ point }) => options.target === undefined || point.target === options.target,
    )
    if (context.out.json)
      for (const { point, changed, lastGood } of rows)
        await context.out.object({ project: project.id, ...point, last_good: lastGood, changed })
    else for (const line of lines(context, rows)) await context.out.line(line)
    return EXIT.done
  })
}

function lines(context: Context, rows: readonly PointInHistory[]): readonly string[] {
  const { style } = context.out
  if (rows.length === 0)
    return [
      style.muted(
        'There is no rollback point yet. They are made before every apply, deployment and migration.',
      ),
    ]
  const now = Date.now()
  const columns = [
    { title: 'Point' },
    { title: 'Of', shrinks: true },
    { title: 'Made' },
    { title: 'Release', shrinks: true },
    { title: 'Size' },
    { title: '' },
    { title: 'Since then', shrinks: true },
  ]
  const cells = rows.map(({ point, changed, lastGood }) => [
    point.id,
    plain(`${point.target ?? 'repository'}${point.name === null ? '' : ` “${point.name}”`}`),
    `${formatDuration(Math.max(0, now - point.at))} ago, ${point.why}`,
    plain(point.release?.version ?? '–'),
    formatBytes(point.bytes),
    marks(point, lastGood),
    plain(changeWords(changed)),
  ])
  const bytes = rows.reduce((sum, { point }) => sum + point.bytes, 0)
  return [...table(columns, cells, style, context.out.columns()), style.muted(`${formatBytes(bytes)} in all`)]
}

function marks(point: RollbackPoint, lastGood: boolean): string {
  const found = [
    lastGood ? 'last good' : point.good ? 'good' : '',
    point.pinned ? 'pinned' : '',
    point.tested === null ? '' : point.tested.ok ? 'tested' : 'CANNOT BE RESTORED',
    point.copyTrouble != null ? 'NOT COPIED' : point.copiedTo === null ? '' : 'copied',
  ]
  return found.filter(Boolean).join(', ')
}

export async function show(context: Context, id: string, options: OfProject): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const point = thePoint(project, id)
    if (context.out.json) await context.out.object({ project: project.id, ...point })
    else
      for (const line of shown(point, lastGoodPoint(project.points, point.target) === point))
        await context.out.line(line)
    return EXIT.done
  })
}

function shown(point: RollbackPoint, lastGood: boolean): readonly string[] {
  const { git, release, database, environment } = point
  const rows = Object.entries(database?.rows ?? {}).map(([name, count]) => `${name} ${count}`)
  const found: readonly (readonly [string, string | null])[] = [
    [
      'Point',
      `${point.id}${point.name === null ? '' : ` “${point.name}”`}, ${marks(point, lastGood) || 'not known to be good'}`,
    ],
    ['Made', `${new Date(point.at).toISOString()} before ${point.why}, ${point.by}`],
    ['Of', point.target ?? 'the repository alone'],
    ['Release', release === null ? null : `${release.version} ${release.image ?? ''}`],
    ['Branch', git === null ? null : `${git.branch} at ${git.commit}`],
    [
      'Database',
      database === null
        ? null
        : `${database.kind} ${database.name}, ${formatBytes(database.bytes)}, ${database.schemaVersion ?? ''}`,
    ],
    ['Rows', rows.length === 0 ? null : rows.join(', ')],
    // Settings are secrets: which there are may be shown, what is in them may not.
    ['Settings', Object.keys(environment).length === 0 ? null : Object.keys(environment).join(', ')],
    ['Size', formatBytes(point.bytes)],
    ['Tested', testWords(point)],
    ['Copy', point.copyTrouble ?? point.copiedTo],
  ]
  return found.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(9)} ${plain(value)}`]))
}

export function thePoint(project: ProjectRecord, id: string): RollbackPoint {
  const found = project.points.find((point) => point.id === id)
  if (found !== undefined) return found
  throw new CliError(`There is no rollback point "${id}".`, '`amphi points list` lists them.')
}

export async function make(
  context: Context,
  options: OfProject & { readonly target?: string; readonly name?: string },
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const from = await currentState(session.center)
    const project = theProject(from, context.cwd, options.project)
    const names = Object.keys(project.targets)
    if (options.target === undefined && names.length > 1)
      throw new CliError('Of which target?', `Name it with --target: ${names.join(', ')}.`)
    const target = options.target ?? names[0] ?? null
    const run = newRunId()
    await dispatch(session.center, {
      type: 'point.make',
      project: project.id,
      run,
      target,
      name: options.name ?? null,
    })
    return supervise(context, session, { from, runs: new Set([run]) })
  })
}

export async function test(context: Context, id: string, options: OfProject): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const from = await currentState(session.center)
    const project = theProject(from, context.cwd, options.project)
    const run = newRunId()
    await dispatch(session.center, {
      type: 'point.test',
      project: project.id,
      point: thePoint(project, id).id,
      run,
    })
    return supervise(context, session, { from, runs: new Set([run]) })
  })
}

export async function change(
  context: Context,
  verb: 'pin' | 'unpin' | 'remove',
  id: string,
  options: OfProject,
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const point = thePoint(project, id).id
    await dispatch(center, { type: `point.${verb}`, project: project.id, point })
    if (context.out.json) await context.out.object({ ok: true, point })
    else
      await context.out.line(
        `${point} is ${{ pin: 'pinned', unpin: 'not pinned any more', remove: 'removed' }[verb]}`,
      )
    return EXIT.done
  })
}
