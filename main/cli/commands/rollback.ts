import { createInterface } from 'node:readline/promises'
import { newRunId } from '../../desk/ids.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { Incident } from '../../domain/incidents/incident.ts'
import { lastGoodPoint } from '../../domain/points/keeping.ts'
import { type RollbackPoint, TARGET_PARTS, type TargetPart } from '../../domain/points/point.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { RollbackPreview } from '../../engine/ports/rollbackPreview.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import type { Session } from '../session.ts'
import { supervise } from '../supervise.ts'
import { theProject } from '../talk/theProject.ts'
import { plain } from '../view/text.ts'
import { thePoint } from './points.ts'

/** `amphi rollback`: shows what would be done, asks, does it, and follows it to its verified end. */
export interface RollbackOptions {
  readonly project?: string
  readonly target?: string
  readonly to?: string
  readonly only?: string
  readonly why?: string
  /** The incident it is the remedy of. */
  readonly incident?: string
  readonly plan?: boolean
  readonly yes?: boolean
}

type Preview = Extract<RollbackPreview, { ok: true }>

export async function rollback(context: Context, options: RollbackOptions): Promise<ExitCode> {
  const parts = partsOf(options.only)
  return withEngine(context, async (session) => {
    const from = await currentState(session.center)
    const project = theProject(from, context.cwd, options.project)
    const incident = theIncident(project, options.incident)
    const target = options.target ?? incident?.target ?? undefined
    const point = chosen(project, { ...options, ...(target === undefined ? {} : { target }) })
    const preview = await session.center.rollbackPreview({
      project: project.id,
      target: point.target,
      point: point.id,
      ...(parts === undefined ? {} : { parts }),
    })
    if (!preview.ok)
      throw new CliError(`${preview.reason}.`, '`amphi points list` lists what can be gone back to.')
    await show(context, preview)
    if (options.plan === true) return EXIT.done
    if (options.yes !== true && !(await confirmed(context, preview))) return EXIT.needsPerson
    const why = options.why ?? incident?.title ?? 'asked for by a person'
    return begin(context, session, { project, preview, parts, why, incident: incident?.id ?? null })
  })
}

async function begin(
  context: Context,
  session: Session,
  order: {
    readonly project: ProjectRecord
    readonly preview: Preview
    readonly parts: readonly TargetPart[] | undefined
    readonly why: string
    readonly incident: string | null
  },
): Promise<ExitCode> {
  const { plan, move } = order.preview
  const from = await currentState(session.center)
  const run = newRunId()
  await dispatch(session.center, {
    type: 'rollback.start',
    project: order.project.id,
    run,
    target: plan.target,
    point: plan.point.id,
    digest: plan.digest,
    why: order.why,
    ...(order.parts === undefined ? {} : { parts: [...order.parts] }),
    move: move === null ? null : { ...move },
    incident: order.incident,
  })
  return supervise(context, session, { from, runs: new Set([run]) })
}

function theIncident(project: ProjectRecord, id: string | undefined): Incident | undefined {
  if (id === undefined) return undefined
  const found = project.incidents.find((one) => one.id === id)
  if (found === undefined)
    throw new CliError(`There is no incident ${id}.`, '`amphi incident --all` lists them.')
  if (found.state === 'open' || found.state === 'acknowledged') return found
  throw new CliError(`${id} is ${found.state}.`, 'Go back without --incident.')
}

function partsOf(only: string | undefined): readonly TargetPart[] | undefined {
  if (only === undefined) return undefined
  return only.split(',').map((word) => {
    const part = TARGET_PARTS.find((one) => one === word.trim())
    if (part !== undefined) return part
    throw new CliError(`"${word.trim()}" is no part of a rollback.`, `They are: ${TARGET_PARTS.join(', ')}.`)
  })
}

/** The point that is named, else the last good one of the target. */
function chosen(project: ProjectRecord, { to, target }: RollbackOptions): RollbackPoint {
  if (to !== undefined) {
    const point = thePoint(project, to)
    if (target !== undefined && point.target !== target)
      throw new CliError(`${to} is of ${point.target ?? 'the repository'}, not of ${target}.`)
    return point
  }
  const targets = Object.keys(project.targets)
  if (target !== undefined && !targets.includes(target))
    throw new CliError(
      `There is no target "${target}".`,
      targets.length === 0 ? undefined : `There are: ${targets.join(', ')}.`,
    )
  if (target === undefined && targets.length > 1)
    throw new CliError('Which target?', `Name it with --target: ${targets.join(', ')}.`)
  const of = target ?? targets[0] ?? null
  const point = lastGoodPoint(project.points, of)
  if (point !== undefined) return point
  throw new CliError(
    `There is no good point of ${of ?? 'the repository'} to go back to.`,
    'Name one with --to; `amphi points list` lists them.',
  )
}

async function show(context: Context, preview: Preview): Promise<void> {
  if (context.out.json) {
    const { plan, move, facts } = preview
    await context.out.object({ ...plan, move, facts })
    return
  }
  for (const line of planLines(preview)) await context.out.line(plain(line))
}

/** What a person reads before they say yes. */
function planLines({ plan, facts }: Preview): readonly string[] {
  const { point, steps, changed } = plan
  const lines = [
    `Back to ${point.id} of ${point.target ?? 'the repository'}, made ${formatDuration(Math.max(0, Date.now() - point.at))} ago${point.release === null ? '' : `: ${point.release.version}`}`,
    '',
  ]
  steps.forEach((step, i) => {
    const effect = step.effect === 'none' ? '' : ` [${step.effect}]`
    lines.push(`${String(i + 1).padStart(2)}. ${step.title}${effect}`, `    ${step.does}`)
    if (step.keeps !== null) lines.push(`    keeps ${step.keeps}`)
  })
  lines.push('')
  const say = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push(`${title}:`, ...items.map((item) => `  ${item}`), '')
  }
  say('Changed since', [
    ...changed.releases.map(
      ({ release, verified }) => `released ${release.version}${verified === false ? ', not verified' : ''}`,
    ),
    ...changed.migrations.map(({ text }) => `migrated: ${text}`),
    ...facts.commits.slice(0, 10).map(({ commit, subject }) => `${commit.slice(0, 10)} ${subject}`),
    ...(facts.commits.length > 10 ? [`and ${facts.commits.length - 10} commits more`] : []),
    ...rowLines(plan.point, facts.rows),
    ...facts.settings.map((path) => `${path} is different`),
  ])
  say('Stays done', plan.cannot)
  say('Mind', [...plan.warnings, ...facts.unknown.map((one) => `not known: ${one}`)])
  if (plan.expectedMs !== null) lines.push(`It took ${formatDuration(plan.expectedMs)} before.`, '')
  return lines
}

function rowLines(
  { database }: RollbackPoint,
  now: Readonly<Record<string, number>> | null,
): readonly string[] {
  if (database === null || now === null) return []
  const tables = [...new Set([...Object.keys(database.rows), ...Object.keys(now)])].sort()
  return tables.flatMap((table) => {
    const [then, here] = [database.rows[table] ?? 0, now[table] ?? 0]
    return then === here ? [] : [`${table}: ${here} rows, ${then} then`]
  })
}

async function confirmed(context: Context, { plan }: Preview): Promise<boolean> {
  if (!context.stdin.isTTY || context.out.json) {
    context.out.note('Nothing was done: say --yes to go back without being asked, or --plan to look only.')
    return false
  }
  const asking = createInterface({ input: context.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`Go back to ${plan.point.id}? [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}
