import { formatDuration } from '../../domain/duration.ts'
import { countTasks, needsPerson } from '../../domain/metrics.ts'
import { planIndex } from '../../domain/plan.ts'
import { type Attention, isSettled, type Run } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import { type Description, describeRun, describeTask, nameOf, runName } from '../describe.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'
import { pad, plain, truncate, width } from './text.ts'

export interface ViewSize {
  readonly columns: number
  /** Lines the view may take at most. */
  readonly rows: number
}

/** A run on a terminal: title, a bar a phase, the agents that matter now, and what needs a person. */
export function runView(run: Run, now: number, style: Style, size: ViewSize): readonly string[] {
  const head = [titleLine(run, now, style, size.columns), ...phaseLines(run, style, size.columns)]
  const foot = attentionLines(run, style, size.columns)
  const room = size.rows - head.length - foot.length - 2
  const agents = agentLines(run, now, style, size.columns, Math.max(1, room))
  const parts = [head, agents, foot].filter((part) => part.length > 0)
  return parts.flatMap((part, i) => (i === 0 ? part : ['', ...part])).slice(0, Math.max(size.rows, 1))
}

function titleLine(run: Run, now: number, style: Style, columns: number): string {
  const { mark, word } = describeRun(run)
  const time = formatDuration((run.endedAt ?? now) - run.startedAt)
  const counts = countTasks(run)
  const right = `${counts.total - counts.pending} of ${counts.total} ${style.dot} ${time}`
  const left = `${style.glyph(mark)} ${style.strong(plain(run.plan.title))} ${style.muted(runName(run))} ${style.tint(mark, word)}`
  const room = columns - width(right) - 2
  return `${pad(truncate(left, room, style.ellipsis), room)}  ${right}`
}

const BAR_CELLS = 24
const MOST_PHASES = 12

function phaseLines(run: Run, style: Style, columns: number): readonly string[] {
  const shown = run.plan.phases.slice(0, MOST_PHASES)
  const names = shown.map((phase) => plain(phase.name))
  const nameCells = Math.min(20, Math.max(...names.map(width)))
  const bar = Math.max(4, Math.min(BAR_CELLS, columns - nameCells - 34))
  const lines = shown.map((_, i) => {
    const { done, total, word, mark } = phaseProgress(run, i)
    const name = pad(truncate(names[i]!, nameCells, style.ellipsis), nameCells)
    const line = `  ${name}  ${style.tint(mark, bars(done, total, bar, style))}  ${done} of ${total}  ${word}`
    return truncate(line, columns, style.ellipsis)
  })
  const hidden = run.plan.phases.length - shown.length
  return hidden === 0 ? lines : [...lines, style.muted(`  and ${hidden} more phases`)]
}

interface PhaseProgress {
  readonly done: number
  readonly total: number
  readonly mark: Mark
  readonly word: string
}

export function phaseProgress(run: Run, phase: number): PhaseProgress {
  const tasks = planIndex(run.plan).byPhase[phase]!
  const total = tasks.length
  const done = tasks.filter((task) => isSettled(run.tasks.get(task)!)).length
  const failed = tasks.filter((task) => run.tasks.get(task)!.outcome === 'failed').length
  if (failed > 0) return { done, total, mark: 'failed', word: `${failed} failed` }
  if (done === total && tasks.some((task) => run.tasks.get(task)!.outcome === 'cancelled')) {
    return { done, total, mark: 'waiting', word: 'cancelled' }
  }
  if (done === total) return { done, total, mark: 'done', word: 'done' }
  if (phase === run.phase && run.status !== 'preparing')
    return { done, total, mark: 'running', word: 'running' }
  const before = run.plan.phases[phase - 1]
  return {
    done,
    total,
    mark: 'waiting',
    word: before === undefined ? 'waits' : `waits for ${plain(before.name)}`,
  }
}

/** A bar is full only when all is done. */
export function bars(done: number, total: number, cells: number, style: Style): string {
  const full = total === 0 ? cells : Math.floor((done / total) * cells)
  return style.full.repeat(full) + style.empty.repeat(cells - full)
}

const RANK: Readonly<Record<Mark, number>> = {
  'needs-you': 0,
  conflict: 1,
  failed: 2,
  running: 3,
  blocked: 4,
  waiting: 5,
  done: 6,
}

interface Row {
  readonly index: number
  readonly name: string
  readonly is: Description
}

/** Those at work and in trouble first; of the rest as many as there is room for, then how many are left out. */
function agentLines(run: Run, now: number, style: Style, columns: number, room: number): readonly string[] {
  const rows: Row[] = run.plan.tasks.map((_, index) => ({
    index,
    name: nameOf(run, index),
    is: describeTask(run, index, now),
  }))
  const matters = rows.filter(({ is }) => is.mark !== 'done' && is.word !== 'cancelled')
  const sorted = matters.sort((a, b) => rank(a) - rank(b) || a.index - b.index)
  const shown = sorted.slice(0, sorted.length > room ? Math.max(0, room - 1) : room)
  const lines = table(
    AGENT_COLUMNS,
    shown.map((row) => agentRow(row, style)),
    style,
    columns,
  )
  const hidden = sorted.length - shown.length
  return hidden === 0 ? lines : [...lines, style.muted(`  and ${hidden} more`)]
}

/** Of those that wait, the ones that start next come before those of later phases by their place in the plan. */
function rank(row: Row): number {
  return row.is.word === 'starting' ? RANK.running + 0.5 : RANK[row.is.mark]
}

const AGENT_COLUMNS = [
  { title: '', shrinks: true },
  { title: '' },
  { title: '', right: true },
  { title: '', shrinks: true },
] as const

function agentRow({ name, is }: Row, style: Style): readonly string[] {
  const time = is.ms === null ? '' : formatDuration(is.ms)
  return [`  ${style.glyph(is.mark)} ${name}`, style.tint(is.mark, is.word), time, is.detail]
}

/** What waits for a person and how to answer it. */
export function attentionLines(run: Run, style: Style, columns: number): readonly string[] {
  const open = run.attention
  const lines = open.slice(0, 3).flatMap((item) => {
    const text = truncate(`${style.glyph('needs-you')} ${plain(item.text)}`, columns, style.ellipsis)
    const how = howToAnswer(run, item)
    return how === '' ? [text] : [text, style.muted(truncate(`    ${how}`, columns, style.ellipsis))]
  })
  if (open.length > 3) lines.push(style.muted(`  and ${open.length - 3} more`))
  const unread = run.talk.personInbox.length
  if (unread > 0) {
    const told = unread === 1 ? '1 message is for you' : `${unread} messages are for you`
    const line = `${style.glyph('needs-you')} ${told}  ${style.muted(`amphi messages ${runName(run)} --unread`)}`
    lines.push(truncate(line, columns, style.ellipsis))
  }
  for (const { who, error, remedy } of troubles(run).slice(0, 3)) {
    const text = `${style.glyph('needs-you')} ${who} held up: ${plain(error)}`
    lines.push(truncate(text, columns, style.ellipsis))
    lines.push(style.muted(truncate(`    ${plain(remedy)}`, columns, style.ellipsis)))
  }
  if (lines.length === 0 && needsPerson(run)) lines.push(`${style.glyph('needs-you')} needs you`)
  return lines
}

/** One of the choices, or words of one's own where it is a question without any. */
function howToAnswer(run: Run, item: Attention): string {
  if (item.choices.length === 0 && item.kind !== 'question') return ''
  const answers = item.choices.length === 0 ? '"…"' : item.choices.map(asWord).join('|')
  return `amphi answer ${item.id} ${answers}${item.kind === 'question' ? ` --run ${runName(run)}` : ''}`
}

/** For a person to copy into a shell, which has to obey nothing in it: an agent wrote it. */
function asWord(choice: string): string {
  return /^[\w.-]+$/.test(choice) ? choice : `'${plain(choice).replaceAll("'", "'\\''")}'`
}

/** What outside does not do its part, and whom it holds up; the same cause is told once. */
function troubles(
  run: Run,
): readonly { readonly who: string; readonly error: string; readonly remedy: string }[] {
  if (run.endedAt !== null) return []
  const all = run.trouble === null ? [] : [{ who: 'the run is', ...run.trouble }]
  let index = 0
  for (const { current } of run.tasks) {
    const name = run.plan.tasks[index++]!.id
    const trouble = current?.trouble
    if (trouble && !all.some(({ error }) => error === trouble.error))
      all.push({ who: `${name} is`, ...trouble })
  }
  return all
}
