import { prettifyError, type z } from 'zod'
import {
  type ComponentChange,
  componentChangeSchema,
  type RiskChange,
  riskChangeSchema,
} from '../../domain/context/entities.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { minute } from './look.ts'

/** `amphi risks [set ID]`, `amphi components [set NAME]` */

interface OfProject {
  readonly project?: string
}

export type RiskOptions = OfProject & { readonly [K in keyof Omit<RiskChange, 'id'>]?: string }

export async function risks(
  context: Context,
  [verb, id]: readonly (string | undefined)[],
  options: RiskOptions,
): Promise<ExitCode> {
  const { title, level, status, impact, mitigation, owner } = options
  if (verb === undefined)
    return list(
      context,
      options,
      (project) => riskTable(context, project),
      (it) => Object.values(it.risks),
    )
  const risk = checked(riskChangeSchema, {
    id: named(verb, id, 'risks set ID --title TEXT'),
    title,
    level,
    status,
    impact,
    mitigation,
    owner,
  })
  return record(
    context,
    options,
    (project) => ({ type: 'risk.record', project, risk }),
    `risk ${risk.id} recorded`,
  )
}

export interface ComponentOptions extends OfProject {
  readonly status?: string
  readonly description?: string
  readonly owner?: readonly string[]
  readonly change?: string
}

export async function components(
  context: Context,
  [verb, name]: readonly (string | undefined)[],
  options: ComponentOptions,
): Promise<ExitCode> {
  const { status, description, owner, change } = options
  if (verb === undefined)
    return list(
      context,
      options,
      (project) => componentTable(context, project),
      (it) => Object.values(it.components),
    )
  const component: ComponentChange = checked(componentChangeSchema, {
    name: named(verb, name, 'components set NAME --status done'),
    status,
    description,
    owners: owner,
    change,
  })
  return record(
    context,
    options,
    (project) => ({ type: 'component.record', project, component }),
    `component ${component.name} recorded`,
  )
}

function named(verb: string, name: string | undefined, example: string): string {
  if (verb !== 'set') throw new CliError(`There is no "${verb}".`, `Write for example: amphi ${example}`)
  if (name === undefined) throw new CliError('What is to be set?', `Write for example: amphi ${example}`)
  return name
}

function checked<T>(schema: z.ZodType<T>, value: object): T {
  const given = Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new CliError(prettifyError(parsed.error).replaceAll('✖ ', ''))
}

async function list(
  context: Context,
  options: OfProject,
  lines: (project: ProjectRecord) => readonly string[],
  items: (project: ProjectRecord) => readonly object[],
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    if (context.out.json)
      for (const item of items(project)) await context.out.object({ project: project.id, ...item })
    else for (const line of lines(project)) await context.out.line(line)
    return EXIT.done
  })
}

type Recording = Parameters<typeof dispatch>[1]

async function record(
  context: Context,
  options: OfProject,
  command: (project: ProjectRecord['id']) => Recording,
  told: string,
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    await dispatch(center, command(project.id))
    if (context.out.json) await context.out.object({ ok: true, project: project.id })
    else await context.out.line(told)
    return EXIT.done
  })
}

const RISK_MARKS: Readonly<Record<string, Mark>> = {
  critical: 'failed',
  high: 'needs-you',
  medium: 'running',
  low: 'waiting',
}

function riskTable({ out }: Context, project: ProjectRecord): readonly string[] {
  const all = Object.values(project.risks)
  if (all.length === 0) return [`No risk of ${plain(project.name)} is known.`]
  const rows = all.map(({ id, level, status, owner, title, by, at }) => {
    const mark = status === 'open' ? (RISK_MARKS[level] ?? 'waiting') : 'done'
    return [
      id,
      `${out.style.glyph(mark)} ${out.style.tint(mark, level)}`,
      status,
      plain(owner ?? ''),
      plain(by),
      minute(at),
      plain(title),
    ]
  })
  return table(RISK_COLUMNS, rows, out.style, out.columns())
}

const RISK_COLUMNS = [
  { title: 'ID' },
  { title: 'LEVEL' },
  { title: 'STATUS' },
  { title: 'OWNER', shrinks: true },
  { title: 'BY', shrinks: true },
  { title: 'CHANGED' },
  { title: 'TITLE', shrinks: true },
] as const

const COMPONENT_MARKS: Readonly<Record<string, Mark>> = {
  planned: 'waiting',
  in_progress: 'running',
  in_review: 'running',
  done: 'done',
  blocked: 'blocked',
}

function componentTable({ out }: Context, project: ProjectRecord): readonly string[] {
  const all = Object.values(project.components)
  if (all.length === 0) return [`No component of ${plain(project.name)} is known.`]
  const rows = all.map(({ name, status, owners, changes, by, at }) => {
    const mark = COMPONENT_MARKS[status] ?? 'waiting'
    const last = changes.at(-1)?.text ?? ''
    return [
      name,
      `${out.style.glyph(mark)} ${out.style.tint(mark, status)}`,
      plain(owners.join(', ')),
      plain(by),
      minute(at),
      plain(last),
    ]
  })
  return table(COMPONENT_COLUMNS, rows, out.style, out.columns())
}

const COMPONENT_COLUMNS = [
  { title: 'COMPONENT', shrinks: true },
  { title: 'STATUS' },
  { title: 'OWNERS', shrinks: true },
  { title: 'BY', shrinks: true },
  { title: 'CHANGED' },
  { title: 'LAST CHANGE', shrinks: true },
] as const
