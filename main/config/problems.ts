/** What is wrong with a file, and where. Problems are values: a bad file is an expected outcome. */

export interface Problem {
  /** As given by the caller; `environment` for a variable. */
  readonly file: string
  /** From 1; 0 where there is no place in a file. */
  readonly line: number
  /** From 1, in characters; 0 where there is no place in a file. */
  readonly column: number
  /** The way through the file, `epics.ship.phases[0].parallel[1].needs`; empty for the file itself. */
  readonly path: string
  readonly message: string
  /** The nearest right word. */
  readonly suggestion?: string
}

export type Path = readonly (string | number)[]

/** `file:line:column: what is wrong (did you mean "…"?)` */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`
  const hint = problem.suggestion === undefined ? '' : ` (did you mean "${problem.suggestion}"?)`
  return `${place}: ${problem.message}${hint}`
}

/** A problem that concerns a file as a whole, or something outside any file. */
export function wholeFile(file: string, message: string): Problem {
  return { file, line: 0, column: 0, path: '', message }
}

export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`
  return text
}

/** In the order of the file, without repeats, at most `MOST_PROBLEMS` and then one that says so. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  const unique = problems.filter((problem) => {
    const key = formatProblem(problem)
    return seen.has(key) ? false : seen.add(key)
  })
  const sorted = unique.sort((a, b) => a.line - b.line || a.column - b.column)
  if (sorted.length <= MOST_PROBLEMS) return sorted
  return [
    ...sorted.slice(0, MOST_PROBLEMS),
    wholeFile(sorted[0]!.file, 'and more problems: correct these first'),
  ]
}

/** Checks may stop looking once they have found more. */
export const MOST_PROBLEMS = 200
