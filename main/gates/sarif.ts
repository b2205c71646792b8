import type { Measurement, Severity } from '../domain/gates/gate.ts'
import { Findings } from './findings.ts'
import { asRecord, asText, objectOf, oneLine, type Report, recordsOf, UnreadableReport } from './report.ts'

/**
 * SARIF 2.1.0 (OASIS). A result counts by `security-severity`, a CVSS score, where its rule has one, as code scanning
 * services do: over 9.0 critical, from 7.0 high, from 4.0 medium; else by its level: an error is high, a warning medium,
 * a note low. What passed, is not applicable, was there no more or is suppressed does not count.
 */
type Json = Readonly<Record<string, unknown>>

export function readSarif(reports: readonly Report[]): Extract<Measurement, { kind: 'findings' }> {
  const findings = new Findings()
  for (const report of reports) {
    const log = objectOf(report)
    if (asText(log['version'])?.startsWith('2.1') !== true || !Array.isArray(log['runs']))
      throw new UnreadableReport(`${report.path} is not a SARIF 2.1.0 report`)
    const runs = recordsOf(log['runs'], 'runs', report)
    if (runs.length === 0) throw new UnreadableReport(`${report.path} tells of no run of a tool`)
    for (const run of runs) readRun(run, report, findings)
  }
  return findings.result()
}

function readRun(run: Json, report: Report, findings: Findings): void {
  const failed = recordsOf(run['invocations'], 'invocations', report).some(
    (invocation) => invocation['executionSuccessful'] === false,
  )
  const tool = asRecord(run['tool'])
  const driver = asRecord(tool?.['driver'])
  const name = oneLine(asText(driver?.['name']) ?? 'the tool')
  if (failed) throw new UnreadableReport(`${name} did not run to its end, as it says in ${report.path}`)
  if (driver === undefined) throw new UnreadableReport(`${report.path} does not say which tool it is from`)
  // Null: the tool did not look for results.
  if (!Array.isArray(run['results']))
    throw new UnreadableReport(`${name} tells of no results in ${report.path}`)
  const rules = recordsOf(driver['rules'], 'rules', report)
  const extensions = recordsOf(tool?.['extensions'], 'extensions', report).map((extension) =>
    recordsOf(extension['rules'], 'rules', report),
  )
  for (const result of recordsOf(run['results'], 'results', report)) {
    const rule = ruleOf(result, rules, extensions)
    const severity = severityOf(result, rule)
    if (severity === undefined || !isOpen(result)) continue
    if (isSuppressed(result, report)) findings.suppress()
    else findings.add(severity, () => wordsOf(result))
  }
}

function isOpen(result: Json): boolean {
  const kind = asText(result['kind']) ?? 'fail'
  return (kind === 'fail' || kind === 'open' || kind === 'review') && result['baselineState'] !== 'absent'
}

/** One that is under review or was rejected suppresses nothing. */
function isSuppressed(result: Json, report: Report): boolean {
  const states = recordsOf(result['suppressions'], 'suppressions', report).map(
    ({ status, state }) => status ?? state ?? 'accepted',
  )
  return states.length > 0 && states.every((state) => state === 'accepted')
}

/** By index or id, in the tool itself or in the extension it names. */
function ruleOf(
  result: Json,
  own: readonly Json[],
  extensions: readonly (readonly Json[])[],
): Json | undefined {
  const reference = asRecord(result['rule'])
  const component = asRecord(reference?.['toolComponent'])?.['index']
  const rules = typeof component === 'number' ? (extensions[component] ?? []) : own
  const index = reference?.['index'] ?? result['ruleIndex']
  if (typeof index === 'number' && index >= 0) return rules[index]
  const id = asText(reference?.['id']) ?? asText(result['ruleId'])
  return id === undefined ? undefined : rules.find((rule) => rule['id'] === id)
}

function severityOf(result: Json, rule: Json | undefined): Severity | undefined {
  const score =
    scoreOf(asRecord(result['properties'])?.['security-severity']) ??
    scoreOf(asRecord(rule?.['properties'])?.['security-severity'])
  if (score !== undefined && score > 0) {
    if (score > 9) return 'critical'
    if (score >= 7) return 'high'
    return score >= 4 ? 'medium' : 'low'
  }
  const level =
    asText(result['level']) ?? asText(asRecord(rule?.['defaultConfiguration'])?.['level']) ?? 'warning'
  switch (level) {
    case 'none':
      return undefined
    case 'note':
      return 'low'
    case 'warning':
      return 'medium'
    // What is not known is taken for the worst a level can say.
    default:
      return 'high'
  }
}

function scoreOf(value: unknown): number | undefined {
  const score = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof score === 'number' && Number.isFinite(score) ? score : undefined
}

function wordsOf(result: Json): string {
  const id = asText(result['ruleId']) ?? asText(asRecord(result['rule'])?.['id']) ?? 'finding'
  const message = asText(asRecord(result['message'])?.['text']) ?? ''
  const locations = result['locations']
  const first = asRecord(Array.isArray(locations) ? locations[0] : undefined)
  const physical = asRecord(first?.['physicalLocation'])
  const file = asText(asRecord(physical?.['artifactLocation'])?.['uri'])
  const line = asRecord(physical?.['region'])?.['startLine']
  const where = file === undefined ? '' : ` ${file}${typeof line === 'number' ? `:${line}` : ''}`
  return oneLine(`${id}${where}${message === '' ? '' : `: ${message}`}`)
}
