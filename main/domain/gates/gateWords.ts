import { assertNever } from '../assertNever.ts'
import { formatDuration } from '../duration.ts'
import { type Figures, figureName, lastFigure, leastCoverage, metricsOf, percentWords } from './figures.ts'
import type { Condition, ConditionOf } from './gate.ts'

/** Gates in words, the same wherever they are told. */

/** What a condition looks at. */
export function conditionWords(condition: Condition): string {
  if (condition.title !== '') return condition.title
  switch (condition.kind) {
    case 'junit':
      return `tests of ${condition.reports.join(', ')}`
    case 'coverage':
      return `coverage of ${condition.reports.join(', ')}`
    case 'sarif':
    case 'trivy':
      return `findings of ${condition.reports.join(', ')}`
    case 'files':
      return 'files that must be there'
    case 'absent':
      return 'files that must not be there'
    case 'contains':
      return `contents of ${condition.file}`
    case 'command':
      return condition.run
    case 'approval':
      return 'approval'
    default:
      return assertNever(condition, 'unknown condition')
  }
}

/** What would meet it. */
export function wantedWords(condition: Condition, before: Figures): string {
  switch (condition.kind) {
    case 'junit':
      return testsWanted(condition, before)
    case 'coverage':
      return coverageWanted(condition, before)
    case 'sarif':
    case 'trivy':
      return condition.failOn === 'critical' ? 'nothing critical' : `nothing ${condition.failOn} or worse`
    case 'files':
      return `there: ${condition.globs.join(', ')}`
    case 'absent':
      return `not there: ${condition.globs.join(', ')}`
    case 'contains':
      return 'text' in condition.wanted
        ? JSON.stringify(condition.wanted.text)
        : `a line like ${condition.wanted.pattern}`
    case 'command':
      return `exit code 0 within ${formatDuration(condition.timeoutMs)}`
    case 'approval':
      return approvalWanted(condition)
    default:
      return assertNever(condition, 'unknown condition')
  }
}

function testsWanted(condition: ConditionOf<'junit'>, before: Figures): string {
  const { minTests, mayDrop } = condition
  const last = lastFigure(before, figureName(condition, 'passed'))
  const least =
    mayDrop === null || last === undefined ? [] : [`at least ${last - mayDrop} passed as last time`]
  return ['no failures', `at least ${minTests} run`, ...least].join(', ')
}

function coverageWanted(condition: ConditionOf<'coverage'>, before: Figures): string {
  const words = metricsOf(condition).map((metric) => {
    const { percent, asBefore } = leastCoverage(condition, metric, before)
    return `${metric} ${percentWords(percent)}${asBefore ? ' as last time' : ''}`
  })
  return `at least ${words.join(', ')}`
}

function approvalWanted({ by, quorum }: ConditionOf<'approval'>): string {
  const who = by.people === null ? 'any person' : `${by.authority} (${by.people.join(', ')})`
  return quorum === 1 ? `a yes of ${who}` : `${quorum} yes of ${who}`
}
