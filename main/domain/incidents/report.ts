import { formatDuration } from '../duration.ts'
import type { Incident } from './incident.ts'
import { percent, whoName } from './words.ts'

/** The report of an incident in Markdown: what it was, why, what was done, what is to be learnt. */
export function incidentReport(incident: Incident, name: (who: string) => string = whoName): string {
  const { id, severity, title, target, state, openedAt } = incident
  const ended = incident.resolvedAt ?? incident.closedAt
  const facts = [
    ['Severity', `${severity}, ${incident.level.description}`],
    ['State', state],
    ['Target', target ?? 'none'],
    [
      'Opened',
      `${stamp(openedAt)} by ${[...new Set(incident.sources.map(({ ref }) => name(ref)))].join(', ')}`,
    ],
    ['Ended', ended === null ? 'not yet' : `${stamp(ended)}, after ${formatDuration(ended - openedAt)}`],
    ['Acknowledged', acknowledged(incident, name)],
    [
      'Led by',
      [incident.commander === null ? null : name(incident.commander), incident.lead]
        .filter((one) => one !== null)
        .join(', ') || 'nobody',
    ],
    ...(incident.duplicates.length === 0 ? [] : [['Duplicates', incident.duplicates.join(', ')]]),
  ]
  return [
    `# Incident ${id.slice(1)}: ${line(title)}`,
    facts.map(([what, is]) => `- **${what}**: ${line(is!)}`).join('\n'),
    section('Impact', impact(incident)),
    section('Cause', cause(incident)),
    section('Findings', findings(incident)),
    section('Actions', actions(incident, name)),
    section('Timeline', timeline(incident, name)),
    section('Follow-ups', followUps(incident, name)),
  ].join('\n\n')
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`
}

function acknowledged(
  { acknowledged: by, openedAt, overdue }: Incident,
  name: (who: string) => string,
): string {
  if (by === null) return overdue ? 'not in time' : 'not yet'
  return `${name(by.by)}, after ${formatDuration(by.at - openedAt)}${overdue ? ' (late)' : ''}`
}

function impact({ impact: told, alerts, text }: Incident): string {
  const count = alerts.firing + alerts.resolved
  const lines = [
    told ?? (text === '' ? 'Nobody has described it.' : text),
    ...(count === 0
      ? []
      : [`${count} ${count === 1 ? 'alert' : 'alerts'}, ${alerts.firing} of them still firing.`]),
  ]
  return lines.map(line).join('\n\n')
}

function cause({ rootCause, diagnosis }: Incident): string {
  const told = rootCause === null ? [] : [`Root cause: ${rootCause}`]
  const causes = (diagnosis?.causes ?? []).map(({ title, confidence, evidence }) => {
    const why = evidence.map(
      ({ check, text, weight }) =>
        `  - ${weight < 0 ? 'against' : 'for'} (${percent(Math.abs(weight))}) ${check}: ${line(text)}`,
    )
    return [`- **${line(title)}**, ${percent(confidence)}`, ...why].join('\n')
  })
  if (told.length + causes.length === 0) return 'Not known.'
  return [...told.map(line), causes.join('\n')].filter((part) => part !== '').join('\n\n')
}

function findings({ findings: all, checks }: Incident): string {
  const rows = all.map(
    ({ title, role, text, confidence, ok, tookMs }) =>
      `| ${line(title)} | ${line(role)} | ${line(ok ? text : `failed: ${text}`)} | ${confidence === null ? '' : percent(confidence)} | ${tookMs === null ? '' : formatDuration(tookMs)} |`,
  )
  const left = (checks?.leftOut ?? []).map((one) => `- not checked: ${line(one)}`)
  if (rows.length + left.length === 0) return 'Nothing was checked.'
  const head = ['| Check | By | Found | Confidence | Took |', '|---|---|---|---|---|']
  return [
    ...(rows.length === 0 ? [] : [[...head, ...rows].join('\n')]),
    ...(left.length === 0 ? [] : [left.join('\n')]),
  ].join('\n\n')
}

function actions(
  { decision, remedy, verification, playbook }: Incident,
  name: (who: string) => string,
): string {
  if (decision === null) return 'Nothing was decided.'
  const taken = playbook?.remedies.find(({ act }) => act.do === decision.choice)?.irreversible ?? []
  const step = (what: string, one: Incident['remedy']): readonly string[] =>
    one === null
      ? []
      : [
          `- ${what}: ${one.ok === null ? 'under way' : one.ok ? 'done' : 'failed'}${one.detail === '' ? '' : `, ${line(one.detail)}`}`,
        ]
  return [
    `- ${name(decision.by)} decided at ${stamp(decision.at)}: ${decision.choice}${decision.point === null ? '' : ` to ${decision.point}`}`,
    ...step('Remedy', remedy),
    ...step('Verification', verification),
    ...taken.map((one) => `- cannot be undone: ${line(one)}`),
  ].join('\n')
}

function timeline({ timeline: all }: Incident, name: (who: string) => string): string {
  return all
    .map(({ at, by, text }) => `- ${stamp(at)} ${by === null ? '' : `${name(by)}: `}${line(text)}`)
    .join('\n')
}

function followUps({ followUps: all }: Incident, name: (who: string) => string): string {
  if (all.length === 0) return 'None.'
  return all
    .map(
      ({ id, text, done }) =>
        `- [${done === null ? ' ' : 'x'}] ${id} ${line(text)}${done === null ? '' : ` (${name(done.by)}, ${stamp(done.at)})`}`,
    )
    .join('\n')
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** What would move a terminal's cursor or reorder letters, and breaks. */
const UNSEEN = /[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu

/** What came from outside is text: it makes no headings, tables, links or markup, and says nothing to a terminal. */
function line(text: string): string {
  return text
    .replaceAll(UNSEEN, ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, '\\$&')
    .trim()
}
