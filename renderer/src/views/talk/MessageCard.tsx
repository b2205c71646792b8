import { Reply } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { ArtifactRef, Message } from '../../../../main/domain/talk/message.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { Code, Markdown } from './Markdown.tsx'
import css from './Message.module.css'
import { Receivers } from './Receivers.tsx'
import { PrioritySign, TypeSign } from './Signs.tsx'
import { isUnanswered } from './threads.ts'
import { useWhole } from './useBook.ts'
import { nameOf, Who, WhoGlyph } from './Who.tsx'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  readonly message: Message
  /** From 1. */
  readonly place: number
  readonly of: number
  readonly chosen: boolean
  readonly focusable: boolean
  readonly onFocus: () => void
  readonly onAnswer: () => void
}

export const MessageCard = memo(
  function MessageCard(props: Props): ReactNode {
    const { run, message, chosen } = props
    const w = useWords(words)
    const { from, number, type, priority, subject } = message
    const label = `${nameOf(w, run, from)}, ${w.types[type]}, m${number}${subject === '' ? '' : `: ${subject}`}`
    return (
      <article
        className={css['message']}
        aria-label={label}
        aria-posinset={props.place}
        aria-setsize={props.of}
        tabIndex={props.focusable ? 0 : -1}
        data-chosen={chosen}
        data-from={from.kind}
        data-unread={message.personOpen}
        onFocus={(event) => {
          if (event.target === event.currentTarget) props.onFocus()
        }}
      >
        <span className={css['glyph']}>
          <WhoGlyph run={run} from={from} />
        </span>
        <Head run={run} message={message} onAnswer={props.onAnswer} />
        <div className={css['body']}>
          {subject !== '' && <p className={css['subject']}>{subject}</p>}
          <Content run={run} message={message} />
          <Extras message={message} />
          <div className={css['foot']}>
            <Receivers run={run} message={message} />
            <AnswerMark message={message} />
          </div>
        </div>
        {priority === 0 && message.personOpen && <span className={css['edge']} aria-hidden />}
      </article>
    )
  },
  (a, b) =>
    a.message === b.message &&
    a.chosen === b.chosen &&
    a.focusable === b.focusable &&
    a.place === b.place &&
    a.of === b.of &&
    stateOfSender(a) === stateOfSender(b),
)

/** Only how its sender is now may change what a message looks like. */
function stateOfSender({ run, message: { from } }: Props): unknown {
  return from.kind === 'task' ? run.tasks.get(from.task) : from.kind
}

function Head({
  run,
  message,
  onAnswer,
}: {
  readonly run: Run
  readonly message: Message
  readonly onAnswer: () => void
}): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const { from, to, type, kind, priority, answers, number, at } = message
  const receiver = to === 'sender' ? '' : to === 'person' ? w.person : to
  return (
    <header className={css['head']}>
      <Who run={run} from={from} />
      {receiver !== '' && <span className="muted">→ {receiver}</span>}
      <TypeSign type={type} />
      {kind !== null && <span className={css['kind']}>{w.kinds[kind]}</span>}
      <PrioritySign priority={priority} />
      {answers !== null && (
        <button type="button" className={css['link']} onClick={() => navigate({ at: `m${answers}` })}>
          {w.answers(answers)}
        </button>
      )}
      <span className={css['end']}>
        <span>m{number}</span>
        <time dateTime={new Date(at).toISOString()}>{timeText(at, Date.now(), language)}</time>
        <span className={css['reply']}>
          <IconButton label={w.reply} onClick={onAnswer}>
            <Reply size={14} aria-hidden />
          </IconButton>
        </span>
      </span>
    </header>
  )
}

function Content({ run, message }: { readonly run: Run; readonly message: Message }): ReactNode {
  const w = useWords(words)
  const { whole, fetchIt } = useWhole(run, message)
  const { content, payload } = whole ?? message
  return (
    <>
      {content !== '' && <Markdown text={whole === undefined && message.isCut ? `${content} …` : content} />}
      {message.isCut && whole === undefined && (
        <p>
          <Button onClick={fetchIt}>{w.showAll}</Button>
        </p>
      )}
      {payload !== null && (
        <details className={css['more']}>
          <summary>{w.payload}</summary>
          <Code text={pretty(payload)} />
        </details>
      )}
    </>
  )
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}

function Extras({ message }: { readonly message: Message }): ReactNode {
  const w = useWords(words)
  const { artifacts, dependencies, tags, beadsTaskId } = message
  return (
    <>
      <Artifacts artifacts={artifacts} />
      {dependencies.length > 0 && (
        <p className={css['extra']}>
          <span className="muted">{w.needs}</span>
          {dependencies.map(({ agent, artifact, status }) => (
            <span key={`${agent} ${artifact}`}>
              <code>{artifact}</code> {w.from} {agent}, {w[status]}
            </span>
          ))}
        </p>
      )}
      {(tags.length > 0 || beadsTaskId !== null) && (
        <p className={css['extra']}>
          {tags.map((tag) => (
            <span key={tag} className={css['tag']}>
              {tag}
            </span>
          ))}
          {beadsTaskId !== null && <span className={css['tag']}>{beadsTaskId}</span>}
        </p>
      )}
    </>
  )
}

/** Files that go with it, by the hash of what is in them. */
export function Artifacts({ artifacts }: { readonly artifacts: readonly ArtifactRef[] }): ReactNode {
  const w = useWords(words)
  if (artifacts.length === 0) return null
  return (
    <ul className={css['artifacts']} aria-label={w.artifacts}>
      {artifacts.map(({ path, type, hash, bytes }) => (
        <li key={`${path} ${hash}`}>
          <code>{path}</code>
          <span className="muted">
            {type}
            {bytes !== null && ` · ${formatBytes(bytes)}`}
          </span>
          {hash === null ? (
            <span className="muted">{w.named}</span>
          ) : (
            <button
              type="button"
              className={css['hash']}
              title={w.copyHash}
              onClick={() =>
                navigator.clipboard.writeText(hash).then(() => tell(w.copied(hash.slice(0, 12))), tellFailure)
              }
            >
              {hash.slice(0, 12)}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Whether an answer came, is due, or did not come. */
function AnswerMark({ message }: { readonly message: Message }): ReactNode {
  const w = useWords(words)
  const { answer, due, overdue } = message
  if (answer !== null) {
    return (
      <button type="button" className={css['link']} onClick={() => navigate({ at: `m${answer}` })}>
        {w.answered(answer)}
      </button>
    )
  }
  if (overdue) {
    return (
      <span className={css['overdue']}>
        <Glyph mark="needs-you" size={12} /> {w.overdue}
      </span>
    )
  }
  return due !== null && isUnanswered(message) ? <Due at={due} /> : null
}

function Due({ at }: { readonly at: number }): ReactNode {
  const w = useWords(words)
  const left = Math.max(0, at - useNow())
  return <span className="muted">{w.due(formatDuration(Math.ceil(left / 60_000) * 60_000))}</span>
}
