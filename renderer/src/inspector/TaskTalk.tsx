import { type ReactNode, useMemo } from 'react'
import type { Run } from '../../../main/domain/state.ts'
import {
  CHECKLIST,
  type ChecklistGroup,
  type ChecklistStep,
  checklistCounts,
  startupChecklist,
} from '../../../main/domain/talk/checklist.ts'
import type { Message } from '../../../main/domain/talk/message.ts'
import { messagesOf } from '../../../main/domain/talk/messageLog.ts'
import { useCalm } from '../state/calm.ts'
import { navigate } from '../state/place.ts'
import { usePreference } from '../state/preferences.ts'
import { percentText } from '../state/progress.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { Fact, FactBar, Facts, Section } from '../ui/Panel.tsx'
import { timeText } from '../views/events/timeText.ts'
import { boardWords as talkWords } from '../views/talk/boardWords.ts'
import { MARK_OF } from '../views/talk/Handoffs.tsx'
import { plain } from '../views/talk/markdown.ts'
import { nameOf } from '../views/talk/Who.tsx'
import { useWords } from '../words/language.ts'
import { checklistWords } from './checklistWords.ts'
import css from './TaskTalk.module.css'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  readonly index: number
}

/** What the agent last said of how far it is. */
export function Progress({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const { current } = run.tasks.get(index)!
  if (current === null || (current.progress === null && current.checkpoint === null)) return null
  const { progress, checkpoint } = current
  const share = progress?.percent == null ? undefined : progress.percent / 100
  return (
    <Section title={w.progress}>
      <Facts>
        {progress !== null && (
          <Fact name={progress.text === '' ? timeText(progress.at, Date.now(), language) : progress.text}>
            {share === undefined ? '' : percentText(share)}
          </Fact>
        )}
        {share !== undefined && <FactBar share={share} label={w.progress} />}
        {checkpoint !== null && (
          <Fact name={w.checkpoints}>
            {checkpoint.count} · {timeText(checkpoint.at, Date.now(), language)}
          </Fact>
        )}
      </Facts>
    </Section>
  )
}

const STATUS_MARK = { done: 'done', open: 'waiting', 'not-needed': 'waiting' } as const

/** The start-up checklist, a line a group; each opens to its steps. */
export function Checklist({ run: latest, index }: Props): ReactNode {
  const w = useWords(words)
  const run = useCalm(latest)
  const n = run.tasks.get(index)!.current?.n
  const steps = useMemo(
    () => (n === undefined ? undefined : startupChecklist(run, index, n)),
    [run, index, n],
  )
  if (steps === undefined) return null
  const { done, of } = checklistCounts(steps)
  return (
    <Section title={w.checklist} aside={<span className="muted">{w.checklistCount(done, of)}</span>}>
      <div className={css['groups']}>
        {(Object.keys(CHECKLIST) as ChecklistGroup[]).map((group) => (
          <Group key={group} group={group} steps={steps.filter((step) => step.group === group)} />
        ))}
      </div>
    </Section>
  )
}

function Group({
  group,
  steps,
}: {
  readonly group: ChecklistGroup
  readonly steps: readonly ChecklistStep[]
}): ReactNode {
  const w = useWords(words)
  const names = useWords(checklistWords)
  const { done, of } = checklistCounts(steps)
  const mark = done === of ? 'done' : done > 0 ? 'running' : 'waiting'
  return (
    <details className={css['group']}>
      <summary>
        <Glyph mark={mark} size={14} progress={of === 0 ? 1 : done / of} />
        <span>{w.checklistGroups[group]}</span>
        <span className="muted">{w.checklistCount(done, of)}</span>
      </summary>
      <ul>
        {steps.map(({ id, status, why }) => (
          <li key={id} data-status={status}>
            <Glyph mark={STATUS_MARK[status]} size={12} />
            <span>
              {names[id]}
              {why !== '' && <span className="muted"> · {why}</span>}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

const SHOWN = 5

/** What it said and was told last, newest first, and how much waits for it. */
export function Messages({ run: latest, index }: Props): ReactNode {
  const w = useWords(words)
  const t = useWords(talkWords)
  const language = usePreference('language')
  const run = useCalm(latest)
  const { messages } = run.talk
  const last = useMemo(() => lastOf([...messagesOf(messages)], index), [messages, index])
  const { inbox, outcome } = run.tasks.get(index)!
  if (last.length === 0 && inbox.length === 0) return null
  return (
    <Section title={w.messages}>
      <Facts>{outcome === null && <Fact name={w.inbox}>{w.inboxCount(inbox.length)}</Fact>}</Facts>
      <ul className={css['messages']}>
        {last.map((message) => {
          const mine = message.from.kind === 'task' && message.from.task === index
          const other = mine ? receiverOf(t.person, run, message) : nameOf(t, run, message.from)
          return (
            <li key={message.number}>
              <button
                type="button"
                onClick={() => navigate({ view: 'talk', run: run.id, at: `m${message.number}` })}
              >
                <span className="muted">
                  {timeText(message.at, Date.now(), language)} {mine ? '→' : '←'} {other}
                </span>
                <span className={css['said']}>{message.subject || plain(message.content)}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

function lastOf(messages: readonly Message[], index: number): readonly Message[] {
  return messages
    .filter(
      ({ from, recipients }) => (from.kind === 'task' && from.task === index) || recipients.includes(index),
    )
    .slice(-SHOWN)
    .reverse()
}

function receiverOf(person: string, run: Run, { to, recipients, toPerson }: Message): string {
  if (to !== 'sender') return toPerson && to === 'person' ? person : to
  const [task] = recipients
  return task === undefined ? person : run.plan.tasks[task]!.id
}

/** What it hands over, and what is handed to it. */
export function HandoffList({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const t = useWords(talkWords)
  const mine = run.talk.handoffs.filter(({ from, to }) => from === index || to === index)
  if (mine.length === 0) return null
  return (
    <Section title={w.handoffs}>
      <ul className={css['messages']}>
        {mine.toReversed().map(({ id, from, to, state, document }) => (
          <li key={id}>
            <button type="button" onClick={() => navigate({ view: 'talk', run: run.id, at: id })}>
              <span className={css['title']}>
                <Glyph mark={MARK_OF[state]} size={14} progress={0.7} />
                {document.title}
              </span>
              <span className="muted">
                {from === index ? w.gives(run.plan.tasks[to]!.id) : w.takes(run.plan.tasks[from]!.id)} ·{' '}
                {t.states[state]}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}
