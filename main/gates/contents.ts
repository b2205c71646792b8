import vm from 'node:vm'
import type { ConditionOf, Measurement } from '../domain/gates/gate.ts'
import { MOST_NAMED } from '../domain/gates/gate.ts'
import { type Report, textOf, UnreadableReport } from './report.ts'

/** A pattern that takes longer over one file is given up: on some text, some patterns never end. */
const MOST_MS = 250

/** Which of the files do not hold what is wanted. */
export function readContents(
  reports: readonly Report[],
  { wanted }: ConditionOf<'contains'>,
): Extract<Measurement, { kind: 'contains' }> {
  const holds = 'text' in wanted ? (text: string) => text.includes(wanted.text) : pattern(wanted.pattern)
  const without = reports.filter((report) => !holds(textOf(report), report.path)).map(({ path }) => path)
  return { kind: 'contains', files: reports.length, without: without.slice(0, MOST_NAMED) }
}

function pattern(source: string): (text: string, path: string) => boolean {
  const script = new vm.Script('new RegExp(source, "mu").test(text)')
  return (text, path) => {
    try {
      return script.runInNewContext({ source, text }, { timeout: MOST_MS }) === true
    } catch (error) {
      const why =
        (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
          ? `takes too long over ${path}`
          : 'is not a regular expression'
      throw new UnreadableReport(`the pattern ${source} ${why}`)
    }
  }
}
