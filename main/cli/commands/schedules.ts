import type { ScheduleRecord } from '../../domain/schedules/schedule.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { SKIPPED } from '../scheduleLine.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { minute } from './look.ts'

/** `amphi schedules [run|skip NAME]` */
export interface SchedulesOptions {
  readonly project?: string
}

export async function schedules(
  context: Context,
  verb: string | undefined,
  name: string | undefined,
  options: SchedulesOptions,
): Promise<ExitCode> {
  if (verb === undefined) return list(context, options)
  if (verb !== 'run' && verb !== 'skip')
    throw new CliError(
      `There is no "schedules ${verb}".`,
      'It is "schedules", "schedules run NAME" or "schedules skip NAME".',
    )
  if (name === undefined)
    throw new CliError('The name of the schedule is missing.', '`amphi schedules` lists them.')
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    await dispatch(center, { type: 'schedule.answer', project: project.id, name, choice: verb })
    if (!context.out.json)
      await context.out.line(
        verb === 'run' ? `${name} begins in a moment.` : `${name} is left out this time.`,
      )
    return EXIT.done
  })
}

async function list(context: Context, options: SchedulesOptions): Promise<ExitCode> {
  return withReader(context, async (center, running) => {
    const { out } = context
    const state = await currentState(center)
    const projects =
      options.project === undefined
        ? [...state.projects.values()]
        : [theProject(state, context.cwd, options.project)]
    if (out.json) {
      for (const project of projects) {
        const { items, trouble } = project.schedules
        for (const item of Object.values(items)) await out.object({ project: project.id, ...item })
        for (const [source, why] of Object.entries(trouble))
          await out.object({ project: project.id, source, trouble: why })
      }
      return EXIT.done
    }
    const told = projects.flatMap((project) => projectLines(context, project))
    if (told.length === 0) await out.line('Nothing is scheduled. "schedules:" in the project file does it.')
    for (const line of told) await out.line(line)
    if (told.length > 0 && running === undefined)
      await out.line(out.style.muted('No engine is running: nothing begins before one does (amphi serve).'))
    return EXIT.done
  })
}

const COLUMNS = [
  { title: 'SCHEDULE', shrinks: true },
  { title: 'STATE' },
  { title: 'NEXT' },
  { title: 'CRON' },
  { title: 'LAST', shrinks: true },
] as const

function projectLines(context: Context, project: ProjectRecord): readonly string[] {
  const { style, columns } = context.out
  const { items, trouble } = project.schedules
  const all = Object.values(items)
  const rows = all.map((item) => {
    const { mark, word } = stateOf(item)
    const { cron, timeZone } = item.spec
    return [
      plain(item.spec.name),
      `${style.glyph(mark)} ${style.tint(mark, word)}`,
      item.next === null ? 'never' : minute(item.next),
      `${plain(cron)} ${plain(timeZone)}`,
      lastWords(item),
    ]
  })
  const waiting = all.flatMap(({ spec, waiting: waits }) =>
    waits === null
      ? []
      : [`${style.glyph('needs-you')} ${plain(spec.name)}: ${plain(waits.detail)}. ${plain(waits.remedy)}`],
  )
  const troubles = Object.values(trouble).map(
    ({ detail, remedy }) => `${style.glyph('needs-you')} ${plain(detail)} ${plain(remedy)}`,
  )
  const heading = rows.length + troubles.length === 0 ? [] : [style.strong(plain(project.name))]
  return [
    ...heading,
    ...(rows.length === 0 ? [] : table(COLUMNS, rows, style, columns())),
    ...waiting,
    ...troubles,
  ]
}

function stateOf({ waiting, next }: ScheduleRecord): { readonly mark: Mark; readonly word: string } {
  if (waiting?.on === 'ask' || waiting?.on === 'trouble') return { mark: 'needs-you', word: 'needs you' }
  if (waiting !== null) return { mark: 'waiting', word: 'waits' }
  return next === null ? { mark: 'done', word: 'over' } : { mark: 'waiting', word: 'scheduled' }
}

function lastWords({ last }: ScheduleRecord): string {
  if (last === null) return ''
  return last.run === null ? `left out: ${SKIPPED[last.skipped!]}` : `run ${last.run} at ${minute(last.due)}`
}

/** What comes next, for `amphi health`. */
export function nextRuns({ out: { style } }: Context, project: ProjectRecord): readonly string[] {
  return Object.values(project.schedules.items)
    .filter(({ next }) => next !== null)
    .sort((a, b) => a.next! - b.next!)
    .slice(0, 5)
    .map(({ spec, next }) => `${style.glyph('waiting')} ${plain(spec.name)} scheduled for ${minute(next!)}`)
}
