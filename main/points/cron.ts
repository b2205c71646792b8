/** The five fields of a cron line, in the machine's own time: minute, hour, day of the month, month, day of the week. */
const FIELDS = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12 },
  { first: 0, last: 7 },
] as const
const MINUTE_MS = 60_000
/** Four years hold every date there is. */
const MAX_DAYS = 4 * 366

/** Null for what is no cron line. */
export function parseCron(line: string): readonly ReadonlySet<number>[] | null {
  const parts = line.trim().split(/\s+/)
  if (parts.length !== FIELDS.length) return null
  const sets = parts.map((part, i) => field(part, FIELDS[i]!.first, FIELDS[i]!.last))
  return sets.every((set) => set !== null) ? sets : null
}

function field(text: string, first: number, last: number): ReadonlySet<number> | null {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
    if (match === null) return null
    const step = match[3] === undefined ? 1 : Number(match[3])
    const from = match[1] === undefined ? first : Number(match[1])
    const open = match[1] === undefined || (match[2] === undefined && match[3] !== undefined)
    const to = match[2] === undefined ? (open ? last : from) : Number(match[2])
    if (step < 1 || from < first || to > last || from > to) return null
    for (let n = from; n <= to; n += step) found.add(n)
  }
  return found
}

/** The first minute after `from` (ms) that it names; null where there is none. */
export function nextCron(line: string, from: number): number | null {
  const sets = parseCron(line)
  if (sets === null) return null
  const [minutes, hours, days, months, weekdays] = sets as [
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
    ReadonlySet<number>,
  ]
  // As cron has it: where both days are given, either will do.
  const parts = line.trim().split(/\s+/)
  const either = parts[2] !== '*' && parts[4] !== '*'
  const isDay = (date: Date): boolean => {
    const inMonth = days.has(date.getDate())
    const inWeek = weekdays.has(date.getDay()) || (date.getDay() === 0 && weekdays.has(7))
    return months.has(date.getMonth() + 1) && (either ? inMonth || inWeek : inMonth && inWeek)
  }
  const begin = new Date(Math.floor(from / MINUTE_MS) * MINUTE_MS + MINUTE_MS)
  for (let day = 0; day < MAX_DAYS; day++) {
    const date = new Date(begin.getFullYear(), begin.getMonth(), begin.getDate() + day)
    if (!isDay(date)) continue
    for (const hour of hours)
      for (const minute of minutes) {
        const at = new Date(date.getFullYear(), date.getMonth(), date.getDate(), hour, minute).getTime()
        if (at >= begin.getTime()) return at
      }
  }
  return null
}
