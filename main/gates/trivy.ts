import type { Measurement, Severity } from '../domain/gates/gate.ts'
import { Findings } from './findings.ts'
import { asText, objectOf, oneLine, type Report, recordsOf, UnreadableReport } from './report.ts'

/**
 * Trivy's JSON, schema version 2 (`trivy image|fs|config --format json`): vulnerabilities, misconfigurations, secrets
 * and licences by severity. A severity that Trivy does not know counts as low. A scan that found nothing has no results.
 */
type Json = Readonly<Record<string, unknown>>

export function readTrivy(reports: readonly Report[]): Extract<Measurement, { kind: 'findings' }> {
  const findings = new Findings()
  for (const report of reports) {
    const scan = objectOf(report)
    if (scan['SchemaVersion'] !== 2 || asText(scan['ArtifactName']) === undefined)
      throw new UnreadableReport(`${report.path} is not a report of Trivy (schema version 2)`)
    for (const result of recordsOf(scan['Results'], 'Results', report)) readResult(result, report, findings)
  }
  return findings.result()
}

const KINDS = {
  Vulnerabilities: ({ VulnerabilityID, PkgName, InstalledVersion, FixedVersion }: Json) =>
    `${VulnerabilityID} ${PkgName} ${InstalledVersion}${asText(FixedVersion) ? `, fixed in ${FixedVersion}` : ''}`,
  Misconfigurations: ({ ID, Title }: Json) => `${ID} ${Title}`,
  Secrets: ({ RuleID, Title }: Json) => `${RuleID} ${Title}`,
  Licenses: ({ Name, PkgName }: Json) => `licence ${Name} of ${PkgName}`,
} as const

function readResult(result: Json, report: Report, findings: Findings): void {
  const target = asText(result['Target']) ?? ''
  for (const [kind, words] of Object.entries(KINDS)) {
    for (const found of recordsOf(result[kind], kind, report)) {
      const status = asText(found['Status'])
      if (kind === 'Misconfigurations' && (status === 'PASS' || status === 'EXCEPTION')) continue
      findings.add(severityOf(found, report), () => oneLine(`${words(found)} (${target})`))
    }
  }
  for (const modified of recordsOf(result['ExperimentalModifiedFindings'], 'findings', report))
    if (modified['Status'] !== undefined) findings.suppress()
}

function severityOf(found: Json, { path }: Report): Severity {
  const severity = asText(found['Severity'])?.toLowerCase()
  switch (severity) {
    case 'critical':
    case 'high':
    case 'medium':
    case 'low':
      return severity
    case 'unknown':
    case '':
      return 'low'
    default:
      throw new UnreadableReport(`a finding in ${path} has the severity ${oneLine(String(severity))}`)
  }
}
