import { clock } from '../reporters.ts'
import type { Style } from '../view/style.ts'
import { plain, visible } from '../view/text.ts'
import type { SentMessage } from './talkLog.ts'

/** A message as people read it: who to whom, about what, what became of it, then its words in full. */
export function messageLines(message: SentMessage, style: Style): readonly string[] {
  const { draft } = message
  const receivers = [...message.recipients, ...(message.toPerson ? ['person'] : [])]
  const to = receivers.length === 0 ? 'nobody' : receivers.join(', ')
  const address = receivers.join() === draft.to ? '' : ` (${plain(draft.to)})`
  const head = [
    `${clock(message.at)}  ${style.strong(`m${message.number}`)} ${plain(message.from)} → ${plain(to)}${address}`,
    `${draft.type} P${draft.priority}${draft.kind === null ? '' : ` ${draft.kind}`}`,
    ...(draft.subject === '' ? [] : [plain(draft.subject)]),
  ]
  const arrow = style.unicode ? '→' : '->'
  const first = head.join(`  ${style.dot} `).replace('→', arrow)
  const marks = standing(message)
  return [
    marks === '' ? first : `${first}  ${style.muted(`[${marks}]`)}`,
    ...indented(draft.content),
    ...(draft.payload === null ? [] : indented(draft.payload)),
    ...draft.artifacts.map(
      ({ path, type, hash }) =>
        `    artifact ${plain(path)} (${type}${hash === null ? '' : `, ${hash.slice(0, 12)}`})`,
    ),
    ...(draft.options.length === 0 ? [] : [`    answers: ${draft.options.map(plain).join(' | ')}`]),
  ]
}

function indented(text: string): readonly string[] {
  return text === ''
    ? []
    : visible(text)
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`)
}

/** What became of it, where that is not plain. */
function standing(message: SentMessage): string {
  const marks: string[] = []
  if (message.answers !== null) marks.push(`answers m${message.answers}`)
  else if (message.thread !== `t${message.number}`) marks.push(`thread ${plain(message.thread)}`)
  if (message.answer !== null) marks.push(`answered by m${message.answer}`)
  else if (message.overdue) marks.push('answer overdue')
  else if (message.due !== null) marks.push('waits for an answer')
  const open = openFor(message)
  if (open.length > 0) marks.push(`open: ${open.map(plain).join(', ')}`)
  if (message.returned.length > 0) marks.push(`came back from ${message.returned.map(plain).join(', ')}`)
  return marks.join('; ')
}

/** Who has not handled it. */
export function openFor(message: SentMessage): readonly string[] {
  const tasks = message.recipients.filter(
    (task) => !message.handled.includes(task) && !message.returned.includes(task),
  )
  return isUnread(message) ? [...tasks, 'person'] : tasks
}

export function isUnread(message: SentMessage): boolean {
  return message.toPerson && !message.readByPerson
}

/** As `messages --json` prints it; documented in its help. */
export function messageJson(message: SentMessage, run: string): object {
  const { draft, party, readByPerson, ...rest } = message
  const { to, thread: _, ref, ...words } = draft
  return { ...rest, run, to, party, ref, ...words, open: openFor(message), read: readByPerson }
}
