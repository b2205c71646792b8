import { COVERAGE_METRICS, type ConditionOf, type CoverageMetric } from './gate.ts'

/** Numbers that a gate is compared with the next time, by name. */
export type Figures = Readonly<Record<string, number>>

/** What a figure goes by from one evaluation to the next. */
export function figureName(condition: ConditionOf<'junit' | 'coverage'>, what: string): string {
  return `${condition.kind} ${condition.reports.join(' ')}: ${what}`
}

export function lastFigure(before: Figures, name: string): number | undefined {
  return Object.hasOwn(before, name) ? before[name] : undefined
}

/** What a condition asks about: what it has floors for, else lines. */
export function metricsOf({ floors }: ConditionOf<'coverage'>): readonly CoverageMetric[] {
  const named = COVERAGE_METRICS.filter((metric) => floors[metric] !== undefined)
  return named.length === 0 ? ['lines'] : named
}

/** The least that passes, percent; and whether that is because of an earlier figure. */
export function leastCoverage(
  condition: ConditionOf<'coverage'>,
  metric: CoverageMetric,
  before: Figures,
): { readonly percent: number; readonly asBefore: boolean } {
  const floor = condition.floors[metric] ?? 0
  const last = lastFigure(before, figureName(condition, metric))
  const kept = condition.mayDrop === null || last === undefined ? 0 : last - condition.mayDrop
  return kept > floor ? { percent: kept, asBefore: true } : { percent: floor, asBefore: false }
}

/** Of percentages that were divided, compared and written down. */
export const ROUNDING = 1e-9

/** Down, so that nothing under its floor looks as if it met it. */
export function percentWords(percent: number): string {
  return `${Math.floor(percent * 100 + ROUNDING) / 100} %`
}
