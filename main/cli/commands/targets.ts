import { createInterface } from 'node:readline/promises'
import { newRunId } from '../../desk/ids.ts'
import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ReleasedAt, TargetRecord } from '../../domain/targets/target.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { TargetSight } from '../../engine/ports/targets.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { supervise } from '../supervise.ts'
import { theProject } from '../talk/theProject.ts'
import { TARGET_MARKS } from '../targetEventLine.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'

/** `amphi targets list|show|remove|forget`: what is on record, and what is there now. */

interface OfProject {
  readonly project?: string
}

interface Seen {
  readonly record: TargetRecord
  readonly sight: TargetSight | null
}

export async function list(context: Context, options: OfProject): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const seen = await Promise.all(
      Object.values(project.targets).map((record) => look(center, project, record)),
    )
    if (context.out.json) for (const one of seen) await context.out.object(asObject(project, one))
    else for (const line of lines(context, seen)) await context.out.line(line)
    return EXIT.done
  })
}

async function look(center: ControlCenter, project: ProjectRecord, record: TargetRecord): Promise<Seen> {
  const of = { project: project.id, target: record.spec.name, aside: record.spec.database !== null }
  return { record, sight: await center.targetSight(of) }
}

function asObject(project: ProjectRecord, { record, sight }: Seen): object {
  const { spec, current, history, state, reason, busy } = record
  return {
    project: project.id,
    target: spec.name,
    place: spec.place.kind,
    state,
    reason,
    busy,
    current,
    history,
    now: sight,
  }
}

function lines(context: Context, seen: readonly Seen[]): readonly string[] {
  const { style } = context.out
  if (seen.length === 0)
    return [
      style.muted('No run has named a target yet. They are set up under "targets:" in amphitheatre.yaml.'),
    ]
  const columns = [
    { title: 'Target', shrinks: true },
    { title: 'Kind' },
    { title: 'Released', shrinks: true },
    { title: 'Since' },
    { title: 'On record' },
    { title: 'Now', shrinks: true },
    { title: 'Address', shrinks: true },
  ]
  const cells = seen.map(({ record, sight }) => [
    `${style.glyph(TARGET_MARKS[record.state])} ${record.spec.name}`,
    record.spec.place.kind,
    plain(record.current?.release.version ?? 'nothing'),
    record.current === null ? '' : ago(record.current.at),
    record.busy === null ? record.state : 'being changed',
    plain(nowWords(sight)),
    sight?.address ?? '',
  ])
  return table(columns, cells, style, context.out.columns())
}

function nowWords(sight: TargetSight | null): string {
  if (sight === null) return 'unknown'
  if (sight.healthy === null) return sight.words
  return sight.healthy ? 'healthy' : `not healthy: ${sight.words}`
}

function ago(at: number): string {
  return `${formatDuration(Math.max(0, Date.now() - at))} ago`
}

export async function show(context: Context, name: string, options: OfProject): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const record = project.targets[name]
    if (record === undefined) throw unknownTarget(project, name)
    const seen = await look(center, project, record)
    if (context.out.json) await context.out.object(asObject(project, seen))
    else for (const line of detail(context, seen)) await context.out.line(line)
    return EXIT.done
  })
}

export async function forget(
  context: Context,
  name: string,
  options: OfProject & { readonly anyway?: boolean },
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    if (project.targets[name] === undefined) throw unknownTarget(project, name)
    const anyway = options.anyway === true
    await dispatch(center, { type: 'target.forget', project: project.id, target: name, anyway })
    if (context.out.json) await context.out.object({ ok: true, target: name })
    else await context.out.line(`${plain(name)} is no target any more; what may be there was left as it is`)
    return EXIT.done
  })
}

/** Takes it down as a run of its own, then out of the records. */
export async function remove(
  context: Context,
  name: string,
  options: OfProject & { readonly withData?: boolean; readonly yes?: boolean },
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const { center } = session
    const from = await currentState(center)
    const project = theProject(from, context.cwd, options.project)
    const record = project.targets[name]
    if (record === undefined) throw unknownTarget(project, name)
    const withData = options.withData === true
    if (options.yes !== true && !(await isMeant(context, record, withData))) return EXIT.needsPerson
    const run = newRunId()
    const of = { project: project.id, target: name }
    await dispatch(center, { type: 'target.take-down', ...of, run, withData })
    const code = await supervise(context, session, { from, runs: new Set([run]) })
    if (code !== EXIT.done) return code
    await dispatch(center, { type: 'target.forget', ...of })
    if (context.out.json) await context.out.object({ ok: true, target: name, with_data: withData })
    else await context.out.line(`${plain(name)} is no target any more`)
    return EXIT.done
  })
}

/** Not a yes by habit: its name is to be typed. */
async function isMeant(
  { out, stdin }: Context,
  { spec, current }: TargetRecord,
  withData: boolean,
): Promise<boolean> {
  if (out.json || !stdin.isTTY) {
    out.note('Nothing was done: say --yes to take it down without being asked.')
    return false
  }
  const data = withData
    ? 'Its data are removed, too; a rollback point is made of them before.'
    : 'Its data are kept; a rollback point is made before.'
  await out.line(
    `${current?.release.version ?? 'What is there'} at ${spec.name} is stopped and removed. ${data}`,
  )
  const reader = createInterface({ input: stdin, output: process.stderr })
  try {
    return (await reader.question(`Type ${spec.name} to take it down: `)).trim() === spec.name
  } finally {
    reader.close()
  }
}

function unknownTarget({ targets, name }: ProjectRecord, target: string): CliError {
  const names = Object.keys(targets).join(', ')
  const remedy = names === '' ? 'None is known before a run has named one.' : `There are: ${names}.`
  return new CliError(`${name} has no target "${target}".`, remedy)
}

function detail({ out }: Context, { record, sight }: Seen): readonly string[] {
  const { style } = out
  const { spec, current, history, state, reason, busy } = record
  const parts = (sight?.parts ?? []).map(
    (part) =>
      `  ${part.part.padEnd(9)} ${part.state.padEnd(8)} ${part.name}${part.version === null ? '' : ` (${plain([part.version, part.colour].filter(Boolean).join(', '))})`}`,
  )
  return [
    `${style.glyph(TARGET_MARKS[state])} ${spec.name}, ${spec.place.kind}${sight?.address == null ? '' : `, ${sight.address}`}`,
    `  on record  ${state}${reason === null ? '' : `: ${plain(reason)}`}`,
    `  now        ${plain(nowWords(sight))}`,
    ...(busy === null ? [] : [`  at work    ${busy}`]),
    `  released   ${current === null ? 'nothing' : releaseWords(current)}`,
    ...(parts.length === 0 ? [] : ['', 'Containers', ...parts]),
    ...asideLines(sight?.aside),
    ...(history.length < 2 ? [] : ['', 'Before', ...history.slice(1).map((one) => `  ${releaseWords(one)}`)]),
  ]
}

/** Null: it was looked for, and cannot be seen. */
function asideLines(aside: TargetSight['aside']): readonly string[] {
  if (aside === undefined || aside?.length === 0) return []
  return ['', 'Put aside by rollbacks', ...(aside?.map(asideWords) ?? ['  cannot be seen now'])]
}

function asideWords({ name, bytes, completes }: NonNullable<TargetSight['aside']>[number]): string {
  return plain(`  ${name} ${formatBytes(bytes)}${completes === null ? '' : `, completes ${completes}`}`)
}

function releaseWords({ release, at, by, verified, before }: ReleasedAt): string {
  const how = verified === null ? '' : verified ? ', verified' : ', not verified'
  const point = before === null ? '' : `, after point ${before}`
  return `${plain(release.version)} ${ago(at)} by ${by}${how}${point}`
}
