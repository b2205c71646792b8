import type { ProjectId, RunId } from '../../../../main/domain/ids.ts'
import { type RunSummary, summarise } from '../../../../main/domain/metrics.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { type Mark, type RunLook, runStatus, statusLook } from '../../../../main/domain/status.ts'
import type { RunRow } from '../../../../preload/contract.ts'

/** A run in the history: live where it is live, else what was stored of it. */
export interface RunEntry {
  readonly id: RunId
  readonly project: ProjectId
  readonly epic: string
  readonly number: number
  readonly title: string
  readonly look: RunLook
  readonly startedAt: number
  readonly endedAt: number | null
  /** Undefined where nothing was stored of a run that is not live. */
  readonly summary: RunSummary | undefined
  /** Undefined where it is not known without reading the run's events. */
  readonly delivery: Run['delivery'] | undefined
}

/** Live and stored runs in one list, newest first. */
export function mergeRuns(rows: readonly RunRow[], live: Iterable<Run>, now: number): readonly RunEntry[] {
  const entries = new Map<RunId, RunEntry>()
  for (const row of rows) entries.set(row.run, ofRow(row))
  for (const run of live) entries.set(run.id, ofRun(run, now))
  return [...entries.values()].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
}

export function ofRun(run: Run, now: number): RunEntry {
  return {
    id: run.id,
    project: run.project,
    epic: run.plan.epic,
    number: run.number,
    title: run.plan.title,
    look: runStatus(run),
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    summary: summarise(run, now),
    delivery: run.delivery,
  }
}

function ofRow(row: RunRow): RunEntry {
  const summary = parseSummary(row.summary)
  return {
    id: row.run,
    project: row.project,
    epic: row.epic,
    number: row.number,
    title: row.title,
    look: statusLook(row.status),
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    summary,
    delivery: summary?.delivery,
  }
}

function parseSummary(json: string | null): RunSummary | undefined {
  if (json === null) return undefined
  try {
    const value = JSON.parse(json) as Partial<RunSummary>
    return typeof value === 'object' && value?.tasks !== undefined ? (value as RunSummary) : undefined
  } catch {
    return undefined
  }
}

export interface RunFilter {
  readonly text: string
  readonly marks: ReadonlySet<Mark>
  readonly project: string
}

export function fits(entry: RunEntry, { text, marks, project }: RunFilter): boolean {
  if (marks.size > 0 && !marks.has(entry.look.mark)) return false
  if (project !== '' && entry.project !== project) return false
  if (text === '') return true
  const words = `${entry.title} ${entry.epic}#${entry.number} ${entry.id}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.includes(part))
}

/** Runs of its epic that ended, up to and with it, oldest first, at most `count`. */
export function seriesOf(entries: readonly RunEntry[], entry: RunEntry, count: number): readonly RunEntry[] {
  return entries
    .filter((one) => one.epic === entry.epic && one.project === entry.project)
    .filter((one) => one.number < entry.number && one.endedAt !== null)
    .slice(0, count - 1)
    .reverse()
    .concat(entry)
}

/** The run of its epic before it that ended. */
export function previousOf(entries: readonly RunEntry[], entry: RunEntry): RunEntry | undefined {
  return seriesOf(entries, entry, 2).find((one) => one !== entry)
}

/** From start to end, or to `now`, ms. */
export function durationOf(entry: RunEntry, now: number): number {
  return Math.max(0, (entry.endedAt ?? now) - entry.startedAt)
}

/** Points of a line through `values` in a box, y downwards; gaps where a value is unknown are left out. */
export function linePoints(
  values: readonly (number | undefined)[],
  width: number,
  height: number,
  range: readonly [number, number] = rangeOf(values),
): readonly (readonly [x: number, y: number])[] {
  const [low, high] = range
  const step = values.length < 2 ? 0 : width / (values.length - 1)
  const span = high - low
  return values.flatMap((value, i) => {
    if (value === undefined) return []
    const share = span === 0 ? 0.5 : (value - low) / span
    return [[values.length < 2 ? width : i * step, height - share * height] as const]
  })
}

export function rangeOf(values: readonly (number | undefined)[]): readonly [number, number] {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? [0, 0] : [Math.min(...known), Math.max(...known)]
}
