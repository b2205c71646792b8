import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import type {
  Message,
  MessageDraft,
  MessagePriority,
  MessageType,
} from '../../../../main/domain/talk/message.ts'
import { refusalOf } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useCalm } from '../../state/calm.ts'
import { forgetRun } from '../../state/history.ts'
import { navigate } from '../../state/place.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { AddressField } from './AddressField.tsx'
import css from './Composer.module.css'
import { type Composed, NEW_TYPES, NOTHING_WRITTEN, newDraft, replyDraft } from './compose.ts'
import type { Book } from './useBook.ts'
import { nameOf } from './Who.tsx'
import { words } from './words.ts'

/** Where the person writes: an answer to a message, or a new one. Says why it cannot be sent, in the engine's words. */
export function Composer({
  run,
  book,
  target,
  ref,
}: {
  readonly run: Run
  readonly book: Book
  /** What is answered; undefined for a message of its own. */
  readonly target: Message | undefined
  readonly ref?: Ref<HTMLTextAreaElement>
}): ReactNode {
  const w = useWords(words)
  const [written, setWritten] = useState<Composed>(NOTHING_WRITTEN)
  const set = (change: Partial<Composed>): void => setWritten((now) => ({ ...now, ...change }))
  const draft = target === undefined ? newDraft(written) : replyDraft(written, target)
  const unavailable = useRefusal(run, draft, written, target)
  const send = useSend(run, book, target === undefined)
  const submit = async (what: MessageDraft): Promise<void> => {
    if (await send(what)) setWritten((now) => ({ ...now, subject: '', content: '' }))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (unavailable === undefined) void submit(draft)
  }
  const isAnswer = draft.type === 'RESPONSE'
  return (
    <section className={css['composer']} aria-label={w.composer}>
      {target === undefined ? (
        <div className={css['line']}>
          <AddressField run={run} value={written.to} onChange={(to) => set({ to })} />
          <input
            className={css['subject']}
            aria-label={w.subjectLabel}
            placeholder={w.subjectLabel}
            maxLength={200}
            value={written.subject}
            onChange={(event) => set({ subject: event.target.value })}
            onKeyDown={onKeyDown}
          />
        </div>
      ) : (
        <p className={css['reply']}>{w.replyTo(nameOf(w, run, target.from), target.number)}</p>
      )}
      {target !== undefined && isAnswer && target.toPerson && target.options.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a line of buttons
        <div className={css['line']} role="group" aria-label={w.options}>
          {target.options.map((option) => (
            <Button
              key={option}
              onClick={() => void submit(replyDraft({ ...written, content: option }, target))}
            >
              {option}
            </Button>
          ))}
        </div>
      )}
      <textarea
        ref={ref}
        rows={3}
        className={css['text']}
        aria-label={w.contentLabel}
        placeholder={w.contentHint}
        value={written.content}
        onChange={(event) => set({ content: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <div className={css['line']}>
        {!isAnswer && (
          <select
            className={css['select']}
            aria-label={w.messageType}
            value={written.type}
            onChange={(event) => set({ type: event.target.value as MessageType })}
          >
            {NEW_TYPES.map((type) => (
              <option key={type} value={type}>
                {w.types[type]}
              </option>
            ))}
          </select>
        )}
        <select
          className={css['select']}
          aria-label={w.messagePriority}
          value={written.priority}
          onChange={(event) => set({ priority: Number(event.target.value) as MessagePriority })}
        >
          {([0, 1, 2, 3] as const).map((priority) => (
            <option key={priority} value={priority}>
              P{priority} {w.priorities[priority]}
            </option>
          ))}
        </select>
        <span className={css['why']}>
          {written.content === '' && run.endedAt === null ? '' : unavailable}
        </span>
        <Button look="primary" unavailable={unavailable} onClick={() => void submit(draft)}>
          {w.send}
        </Button>
      </div>
    </section>
  )
}

/** Why what is written cannot be sent now. */
function useRefusal(
  run: Run,
  draft: MessageDraft,
  written: Composed,
  target: Message | undefined,
): string | undefined {
  const w = useWords(words)
  const state = useCalm(useEngineState())
  const connected = useLive((live) => live.connection.status === 'connected')
  if (!connected || state === undefined) return w.notConnected
  const now = state.runs.get(run.id) ?? run
  if (now.endedAt !== null)
    return refusalOf(state, now, { type: 'message.send', run: run.id, message: draft })
  if (target === undefined && written.to.trim() === '') return w.toWhom
  if (written.content.trim() === '' && written.subject.trim() === '') return w.writeFirst
  return refusalOf(state, now, { type: 'message.send', run: run.id, message: draft })
}

/** Sends, and leads to what was sent when it is a conversation of its own. */
function useSend(run: Run, book: Book, leads: boolean): (draft: MessageDraft) => Promise<boolean> {
  const dispatch = useDispatch()
  const [after, setAfter] = useState<number | undefined>()
  const { messages } = book
  useEffect(() => {
    const mine = messages.find(({ number, from }) => number > (after ?? Infinity) && from.kind === 'person')
    if (mine === undefined) return
    setAfter(undefined)
    navigate({ at: `m${mine.number}` })
  }, [messages, after])
  return async (draft) => {
    const { count } = run.talk.messages
    const taken = await dispatch({ type: 'message.send', run: run.id, message: draft })
    if (taken) forgetRun(run.id)
    if (taken && leads) setAfter(count)
    return taken
  }
}
