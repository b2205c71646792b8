import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { countTasks } from '../metrics.ts'
import { communicationOf } from '../plan.ts'
import { isSettled, type Run } from '../state.ts'
import { isOpen } from './handoff.ts'
import { messagesOf } from './messageLog.ts'
import { tell } from './sending.ts'
import { digestAt, syncAt } from './talkTimers.ts'

/** What the engine says of its own accord: the digest of updates, and the standing sync points. */

export function sendDigest(draft: Draft, id: RunId): Verdict {
  const run = draft.run(id)
  const at = digestAt(run)
  if (at === null || at > draft.now || run.counts.active === 0) return reject('stale', 'no digest is due')
  const subject = `Digest of ${run.plan.title}`.slice(0, 200)
  tell(draft, id, everybody(run), {
    to: 'all',
    type: 'UPDATE',
    kind: 'digest',
    priority: 3,
    subject,
    content: digest(run),
  })
  return undefined
}

export function callSync(draft: Draft, id: RunId, name: string): Verdict {
  const run = draft.run(id)
  const point = communicationOf(run.plan).syncPoints.find((other) => other.name === name)
  if (point === undefined || syncAt(run, point) > draft.now || run.counts.active === 0)
    return reject('stale', 'it is not its time')
  const content = `${digest(run)}\n\nSay where you are, what comes next, and what holds you up.`
  tell(draft, id, everybody(run), {
    to: 'all',
    type: 'UPDATE',
    kind: 'sync_point',
    priority: 3,
    subject: name,
    content,
  })
  return undefined
}

function everybody(run: Run): { readonly tasks: readonly number[]; readonly person: false } {
  const tasks = run.plan.tasks.map((_, task) => task).filter((task) => !isSettled(run.tasks.get(task)!))
  return { tasks, person: false }
}

/** Markdown: how far the run is, who is at what, what is open. */
export function digest(run: Run): string {
  const { total, completed, failed, skipped } = countTasks(run)
  const lines = [
    `${completed} of ${total} tasks done${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}.`,
  ]
  const since = run.talk.digestAt ?? run.startedAt
  const atWork = run.plan.tasks.flatMap((spec, task): readonly string[] => {
    const attempt = run.tasks.get(task)!.current
    if (attempt === null) return []
    const { progress } = attempt
    const percent = progress?.percent == null ? '' : ` ${Math.round(progress.percent)} %`
    const text = progress === null || progress.text === '' ? '' : `: ${progress.text}`
    return [`- ${attempt.role} at ${spec.id}${percent}${text}`]
  })
  if (atWork.length > 0) lines.push('', '### At work', ...atWork)
  const all = [...messagesOf(run.talk.messages)]
  // What was said in the same millisecond as the last digest is in one of the two.
  const last = all.findLast(({ from, kind }) => from.kind === 'engine' && kind === 'digest')?.number ?? 0
  const news = all.filter(
    ({ number, at, from, type }) =>
      number > last && at >= since && from.kind !== 'engine' && type !== 'RESPONSE',
  )
  if (news.length > 0)
    lines.push(
      '',
      `### ${news.length} messages`,
      ...news.slice(-20).map((message) => `- ${message.number}: ${headline(message)}`),
    )
  const open = run.talk.handoffs.filter(isOpen)
  if (open.length > 0)
    lines.push(
      '',
      '### Open hand-offs',
      ...open.map(({ id, state, document }) => `- ${id} ${document.title} (${state})`),
    )
  const asked = run.attention.map(({ text }) => `- ${text}`)
  if (asked.length > 0) lines.push('', '### Waits for a person', ...asked)
  return lines.join('\n').slice(0, 60_000)
}

function headline({ subject, content }: { readonly subject: string; readonly content: string }): string {
  const text = subject === '' ? content : subject
  return text.split('\n', 1)[0]!.slice(0, 120)
}
