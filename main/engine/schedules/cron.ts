import { Cron } from 'croner'

/** Due times of a cron expression, by the wall clock of a time zone. Times in ms since 1970. */

type Expression = { readonly cron: string; readonly timeZone: string }

const cache = new Map<string, Cron>()
const MOST_CACHED = 500

function parsed({ cron, timeZone }: Expression): Cron {
  const key = `${timeZone} ${cron}`
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= MOST_CACHED) cache.clear()
  const made = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true })
  cache.set(key, made)
  return made
}

/** The first due time after that moment; null where there is none, or the expression is none. */
export function nextDue(expression: Expression, after: number): number | null {
  try {
    return parsed(expression).nextRun(new Date(after))?.getTime() ?? null
  } catch {
    return null
  }
}

/** The last due time after `after` and up to `until`; earlier ones in between are left out with it. */
export function lastDue(expression: Expression, after: number, until: number): number | null {
  if (until <= after) return null
  try {
    // It gives times strictly before a moment, in whole seconds.
    const [last] = parsed(expression).previousRuns(1, new Date(until + 1_000))
    let due = last?.getTime() ?? null
    if (due !== null && due > until)
      due = parsed(expression).previousRuns(1, new Date(due))[0]?.getTime() ?? null
    return due !== null && due > after ? due : null
  } catch {
    return null
  }
}
