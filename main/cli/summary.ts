import { formatDuration } from '../domain/duration.ts'
import type { RunSummary } from '../domain/metrics.ts'
import type { Run } from '../domain/state.ts'
import type { Context } from './context.ts'
import { describeRun, describeTask, nameOf, runName } from './describe.ts'
import { attentionLines } from './view/runView.ts'
import type { Style } from './view/style.ts'
import { plain, truncate } from './view/text.ts'

/** The end of a run: the summary object for programs, a few lines for people. */
export async function printSummary(context: Context, run: Run, summary: RunSummary): Promise<void> {
  const { out } = context
  if (out.json) return out.object(summary)
  const columns = out.isTty ? out.columns() : 1_000
  for (const line of summaryLines(run, summary, out.style, columns, out.isTty)) await out.line(line)
}

function summaryLines(
  run: Run,
  summary: RunSummary,
  style: Style,
  columns: number,
  /** The picture above has shown what needs a person. */
  seen: boolean,
): readonly string[] {
  const { mark, word } = describeRun(run)
  const head = `${style.glyph(mark)} ${style.strong(runName(run))} ${style.tint(mark, word)}: ${figures(summary)}`
  const attention = seen || run.endedAt !== null ? [] : attentionLines(run, style, columns)
  return [head, ...troubles(run, style), ...attention, ...advice(run, style)].map((line) =>
    truncate(line, columns, style.ellipsis),
  )
}

export function figures(summary: RunSummary): string {
  const { tasks, wall_ms, efficiency, overhead } = summary
  const parts = [`${tasks.completed} of ${tasks.total} tasks in ${formatDuration(wall_ms)}`]
  if (tasks.failed > 0) parts.push(`${tasks.failed} failed`)
  if (tasks.skipped > 0) parts.push(`${tasks.skipped} skipped`)
  if (tasks.cancelled > 0) parts.push(`${tasks.cancelled} cancelled`)
  if (summary.busy_ms >= 1_000) {
    parts.push(`${efficiency.toFixed(1)} × one by one`, `overhead ${(overhead * 100).toFixed(1)} %`)
  }
  return parts.join(', ')
}

const MOST_TROUBLES = 8

function troubles(run: Run, style: Style): readonly string[] {
  const lines: string[] = []
  run.plan.tasks.forEach((_, index) => {
    if (run.tasks.get(index)!.outcome !== 'failed') return
    lines.push(`  ${style.glyph('failed')} ${nameOf(run, index)}: ${describeTask(run, index, 0).detail}`)
  })
  const hidden = lines.length - MOST_TROUBLES
  return hidden > 0 ? [...lines.slice(0, MOST_TROUBLES), `  and ${hidden} more`] : lines
}

/** What can be done next. */
function advice(run: Run, style: Style): readonly string[] {
  const name = runName(run)
  if (run.endedAt === null) {
    const paused = run.paused ? [style.muted(`  amphi continue ${name}`)] : []
    return paused
  }
  const failed = run.plan.tasks.findIndex((_, index) => run.tasks.get(index)!.outcome === 'failed')
  if (failed !== -1) {
    const id = run.plan.tasks[failed]!.id
    return [style.muted(`  amphi logs ${nameOf(run, failed)}   amphi retry ${plain(id)}`)]
  }
  if (run.status === 'completed' && run.tip !== null && run.tip !== run.base && run.delivery === 'none') {
    return [style.muted(`  amphi diff ${name}   amphi apply ${name}`)]
  }
  return []
}
