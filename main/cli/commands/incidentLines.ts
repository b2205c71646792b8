import { formatDuration } from '../../domain/duration.ts'
import type { Incident } from '../../domain/incidents/incident.ts'
import { type CheckView, callOf, type IncidentPage } from '../../domain/incidents/views.ts'
import { percent, whoName } from '../../domain/incidents/words.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import type { Context } from '../context.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { minute, second } from './look.ts'

/** Incidents for a terminal. */

const MARKS: Readonly<Record<Incident['state'], Mark>> = {
  open: 'failed',
  acknowledged: 'needs-you',
  mitigating: 'running',
  verifying: 'running',
  resolved: 'done',
  closed: 'done',
  merged: 'done',
}

export function incidentTable(
  { out }: Context,
  project: ProjectRecord,
  shown: readonly Incident[],
): readonly string[] {
  if (shown.length === 0) return [`${plain(project.name)} has no incident.`]
  const rows = shown.map((one) => {
    const mark = MARKS[one.state]
    return [
      one.id,
      out.style.tint(one.severity === 'P0' ? 'failed' : 'needs-you', one.severity),
      `${out.style.glyph(mark)} ${out.style.tint(mark, one.state)}`,
      plain(one.target ?? ''),
      minute(one.openedAt),
      callOf(one) ?? '',
      plain(one.title),
    ]
  })
  return table(COLUMNS, rows, out.style, out.columns())
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'SEVERITY' },
  { title: 'STATE' },
  { title: 'TARGET', shrinks: true },
  { title: 'OPENED' },
  { title: 'TO DO' },
  { title: 'TITLE', shrinks: true },
] as const

export function incidentLines({ out }: Context, page: IncidentPage, now: number): readonly string[] {
  const { incident, respondBy, checks, causes, choices } = page
  const { style } = out
  const { id, severity, title, state, target, lead, commander, alerts, called } = incident
  const left =
    respondBy === null
      ? ''
      : `, ${respondBy > now ? `${formatDuration(respondBy - now)} left to respond` : 'late'}`
  const count = alerts.firing + alerts.resolved
  return [
    style.strong(`${severity} ${id} ${plain(title)}`),
    `  ${style.glyph(MARKS[state])} ${state}${left}${target === null ? '' : `, target ${plain(target)}`}`,
    `  led by ${plain(commander?.replace(/^person:/, '') ?? lead ?? 'nobody')}${called === null ? '' : `; ${plain(called.whom)} called: ${plain(called.why)}`}`,
    ...(count === 0 ? [] : [`  ${count} alerts, ${alerts.firing} firing`]),
    ...part(
      'Found',
      checks.map((check) => found(out.style, check)),
    ),
    ...part(
      page.isFinal ? 'Diagnosis' : 'So far',
      causes.map((cause) => `${plain(cause.title)}, ${percent(cause.confidence)}`),
    ),
    ...part('To choose (amphi incident decide)', choices.map(choiceLine)),
    ...part(
      'Timeline',
      incident.timeline.map(
        ({ at, by, text }) => `${second(at)} ${by === null ? '' : `${plain(whoName(by))}: `}${plain(text)}`,
      ),
    ),
    ...part(
      'Follow-ups',
      incident.followUps.map((one) => `${one.done === null ? '☐' : '☑'} ${one.id} ${plain(one.text)}`),
    ),
  ]
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

const CHECK_MARKS: Readonly<Record<CheckView['state'], Mark>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
}

function found(style: Context['out']['style'], check: CheckView): string {
  const { role, title, text, confidence, state } = check
  const sure = confidence === null ? '' : ` (${percent(confidence)})`
  return `${style.glyph(CHECK_MARKS[state])} ${plain(role)}, ${plain(title)}: ${plain(text === '' ? state : text)}${sure}`
}

function choiceLine({
  id,
  title,
  barred,
  recommended,
  point,
  expectedMs,
  cannot,
}: IncidentPage['choices'][number]): string {
  const more = [
    ...(recommended ? ['recommended'] : []),
    ...(point === null ? [] : [`to ${point}`]),
    ...(expectedMs === null ? [] : [`about ${formatDuration(expectedMs)}`]),
    ...(barred === null ? [] : [`not now: ${plain(barred)}`]),
    ...cannot.map((one) => `cannot be undone: ${plain(one)}`),
  ]
  return `${id.padEnd(14)}${plain(title)}${more.length === 0 ? '' : ` (${more.join('; ')})`}`
}
