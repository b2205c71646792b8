import { assertNever } from '../assertNever.ts'
import {
  type Figures,
  figureName,
  lastFigure,
  leastCoverage,
  metricsOf,
  percentWords,
  ROUNDING,
} from './figures.ts'
import {
  COVERAGE_METRICS,
  type Condition,
  type ConditionOf,
  type ConditionResult,
  type Counted,
  type FindingTool,
  type Measured,
  type Measurement,
  MOST_EVIDENCE,
  type ResultState,
  SEVERITIES,
} from './gate.ts'
import { wantedWords } from './gateWords.ts'

type Found<K extends Measurement['kind']> = Extract<Measurement, { kind: K }>
type Judged = Pick<ConditionResult, 'state' | 'measured'> & {
  readonly evidence?: string
  readonly figures?: Figures
}

/**
 * What was found, held against what is wanted. Nothing passes that was not found out: a report that is missing, cannot
 * be read, or tells of something else is an error, and an error is no pass.
 */
export function judge(condition: Condition, measured: Measured, before: Figures): ConditionResult {
  const { found, reports } = measured
  const judged = judgeFound(condition, found, before)
  return {
    state: judged.state,
    measured: judged.measured,
    wanted: wantedWords(condition, before),
    evidence: (judged.evidence ?? '').slice(0, MOST_EVIDENCE),
    reports,
    figures: judged.state === 'passed' ? (judged.figures ?? {}) : {},
  }
}

function judgeFound(condition: Condition, found: Measurement, before: Figures): Judged {
  if (found.kind === 'unreadable') return { state: 'error', measured: found.text }
  switch (condition.kind) {
    case 'junit':
      return found.kind === 'junit' ? judgeTests(condition, found, before) : mismatch(found)
    case 'coverage':
      return found.kind === 'coverage' ? judgeCoverage(condition, found, before) : mismatch(found)
    case 'sarif':
    case 'trivy':
      return found.kind === 'findings' ? judgeFindings(condition, found) : mismatch(found)
    case 'files':
    case 'absent':
      return found.kind === 'paths' ? judgePaths(condition.kind, found) : mismatch(found)
    case 'contains':
      return found.kind === 'contains' ? judgeContents(found) : mismatch(found)
    case 'command':
      if (found.kind !== 'command') return mismatch(found)
      return found.passed
        ? { state: 'passed', measured: 'it passed' }
        : { state: 'failed', measured: found.detail.split('\n')[0]!, evidence: found.detail }
    case 'approval':
      return { state: 'waiting', measured: 'nobody has decided yet' }
    default:
      return assertNever(condition, 'unknown condition')
  }
}

function mismatch({ kind }: Measurement): Judged {
  return { state: 'error', measured: `what was found (${kind}) says nothing about this` }
}

const verdict = (passes: boolean): ResultState => (passes ? 'passed' : 'failed')

function judgeTests(condition: ConditionOf<'junit'>, found: Found<'junit'>, before: Figures): Judged {
  const { passed, failed, skipped, names } = found
  const ran = passed + failed
  const key = figureName(condition, 'passed')
  const last = lastFigure(before, key)
  const dropped = condition.mayDrop !== null && last !== undefined && passed < last - condition.mayDrop
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`
  return {
    state: verdict(failed === 0 && ran >= condition.minTests && !dropped),
    measured: failed === 0 ? `${passed} tests passed${skips}` : `${failed} of ${ran} tests failed${skips}`,
    evidence: listed(names, failed),
    figures: { [key]: passed },
  }
}

function judgeCoverage(
  condition: ConditionOf<'coverage'>,
  found: Found<'coverage'>,
  before: Figures,
): Judged {
  const told = COVERAGE_METRICS.flatMap((metric) => {
    const percent = percentOf(found[metric])
    return percent === undefined ? [] : [{ metric, percent }]
  })
  const asked = metricsOf(condition)
  const silent = asked.filter((metric) => percentOf(found[metric]) === undefined)
  if (silent.length > 0)
    return { state: 'error', measured: `the reports do not say how much of ${silent.join(', ')} is covered` }
  const passes = told.every(({ metric, percent }) => {
    if (!asked.includes(metric)) return true
    return percent >= leastCoverage(condition, metric, before).percent - ROUNDING
  })
  return {
    state: verdict(passes),
    measured: told.map(({ metric, percent }) => `${metric} ${percentWords(percent)}`).join(', '),
    figures: Object.fromEntries(told.map(({ metric, percent }) => [figureName(condition, metric), percent])),
  }
}

/** Undefined where nothing was there to cover: that says nothing about tests. */
function percentOf(counted: Counted | null): number | undefined {
  return counted === null || counted.total <= 0 ? undefined : (100 * counted.covered) / counted.total
}

function judgeFindings(condition: ConditionOf<FindingTool>, found: Found<'findings'>): Judged {
  const { counts, suppressed, first } = found
  const least = SEVERITIES.indexOf(condition.failOn)
  const bad = SEVERITIES.filter((severity, i) => i >= least && counts[severity] > 0)
  const all = SEVERITIES.filter((severity) => counts[severity] > 0).toReversed()
  const words = all.map((severity) => `${counts[severity]} ${severity}`)
  if (suppressed > 0) words.push(`${suppressed} suppressed`)
  const lines = first.map(({ severity, text }) => `${severity}: ${text}`)
  const total = SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0)
  return {
    state: verdict(bad.length === 0),
    measured: words.length === 0 ? 'no findings' : words.join(', '),
    evidence: listed(lines, total),
  }
}

function judgePaths(kind: 'files' | 'absent', { paths, more }: Found<'paths'>): Judged {
  if (paths.length === 0)
    return { state: 'passed', measured: kind === 'files' ? 'all are there' : 'none is there' }
  const total = paths.length + more
  const names = `${paths.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const measured = kind === 'files' ? `missing: ${names}` : `there: ${names}`
  return { state: 'failed', measured, evidence: listed(paths, total) }
}

function judgeContents({ files, without }: Found<'contains'>): Judged {
  if (files === 0) return { state: 'error', measured: 'there is no such file' }
  if (without.length === 0) return { state: 'passed', measured: `found in ${files === 1 ? 'it' : 'each'}` }
  return {
    state: 'failed',
    measured: `not in ${without.join(', ')}`,
    evidence: listed(without, without.length),
  }
}

function listed(lines: readonly string[], total: number): string {
  const more = total - lines.length
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}
