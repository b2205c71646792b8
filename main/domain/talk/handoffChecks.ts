import type { Run } from '../state.ts'
import { type Handoff, type HandoffCheck, MANDATORY_CHECKS } from './handoff.ts'

/** The framework's mandatory checks of a hand-off. `missing` are artifacts that cannot be read, by path. */
export function mandatoryChecks(
  run: Run,
  handoff: Handoff,
  missing: readonly string[],
): readonly HandoffCheck[] {
  return MANDATORY_CHECKS.map((name): HandoffCheck => {
    const fault = faultOf(name, run, handoff, missing)
    return fault === null ? { name, result: 'passed', detail: '' } : { name, result: 'failed', detail: fault }
  })
}

/** Null when the check passes; else what to do about it. */
function faultOf(
  name: (typeof MANDATORY_CHECKS)[number],
  run: Run,
  handoff: Handoff,
  missing: readonly string[],
): string | null {
  const { document } = handoff
  switch (name) {
    case 'context_updated': {
      const attempt = run.tasks.get(handoff.from)!.current
      const said = attempt?.progress !== null && attempt?.progress !== undefined
      return said ? null : 'say how far the work is before handing it over (amphi-agent progress)'
    }
    case 'artifacts_accessible':
      return missing.length === 0 ? null : `cannot be read: ${missing.join(', ')}`
    case 'dependencies_documented':
      return document.dependencies.length > 0 ? null : 'list what it depends on, or write "none"'
    case 'known_issues_listed':
      return document.knownIssues.length > 0 ? null : 'list the known issues, or write "none"'
    case 'success_criteria_defined':
      return document.successCriteria.length > 0 ? null : 'say by what one sees that it is right'
  }
}
