import { type ReactNode, useState } from 'react'
import type { GateRecord } from '../../../main/domain/gates/gateRecord.ts'
import { gatePlaceKey } from '../../../main/domain/gates/placeKey.ts'
import type { Attention, Run } from '../../../main/domain/state.ts'
import { find } from '../../../main/domain/talk/messageLog.ts'
import { refusalOf } from '../actions/refusal.ts'
import { useDispatch } from '../actions/useDispatch.ts'
import { Decide } from '../gates/Decide.tsx'
import { words as gateWords } from '../gates/words.ts'
import { isAsking } from '../state/asking.ts'
import { forgetRun } from '../state/history.ts'
import { type Destination, navigate, usePlace } from '../state/place.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Asked, conflictIn } from '../views/conflicts/Asked.tsx'
import { Markdown } from '../views/talk/Markdown.tsx'
import { useWords } from '../words/language.ts'
import css from './NeedsYou.module.css'
import { words } from './words.ts'

/** What waits for a person, each with its answers. `named`: with the task's name, leading there. */
export function NeedsYou({
  run,
  items,
  named,
}: {
  readonly run: Run
  readonly items: readonly Attention[]
  readonly named: boolean
}): ReactNode {
  return (
    <ul className={css['list']}>
      {items.map((item) => (
        <Card key={item.id} run={run} item={item} named={named} />
      ))}
    </ul>
  )
}

interface CardProps {
  readonly run: Run
  readonly item: Attention
}

function Card({ run, item, named }: CardProps & { readonly named: boolean }): ReactNode {
  const w = useWords(words)
  const g = useWords(gateWords)
  const task = item.task === null ? undefined : run.plan.tasks[item.task]
  const { about } = item
  const place = usePlace()
  const conflict = conflictIn(item)
  const isHere = place.view === 'talk' && place.at === about
  const gate = gateOf(run, item)
  return (
    <li className={css['item']}>
      {named && <Glyph mark={isAsking(item) ? 'needs-you' : markOfNotice(item)} />}
      <div className={css['text']}>
        {named && task !== undefined && (
          <button
            type="button"
            className={css['name']}
            onClick={() => navigate({ run: run.id, task: task.id })}
          >
            {task.title}
          </button>
        )}
        <What run={run} item={item} named={named} />
        {conflict !== undefined ? (
          <Asked run={run} id={conflict} />
        ) : gate !== undefined ? (
          <Decide run={run} record={gate}>
            <Button look="quiet" onClick={() => navigate(placeOfGate(run, gate))}>
              {g.open}
            </Button>
          </Decide>
        ) : (
          <Answers run={run} item={item}>
            {about !== null && !isHere && (
              <Button look="quiet" onClick={() => navigate({ view: 'talk', run: run.id, at: about })}>
                {about.startsWith('h') ? w.openHandoff : w.openThread}
              </Button>
            )}
          </Answers>
        )}
      </div>
    </li>
  )
}

/** The gate that asks; nobody talks about one. */
function gateOf(run: Run, { kind, about }: Attention): GateRecord | undefined {
  if (kind !== 'approval' && kind !== 'gate-failed') return undefined
  return run.gates?.records.find(({ id }) => id === about)
}

function placeOfGate(run: Run, { at }: GateRecord): Destination {
  return { view: 'graph', run: run.id, task: undefined, at: gatePlaceKey(run.plan, at) }
}

/** Buttons, a place for words, or nothing but a tick; then what leads to more. */
function Answers({ run, item, children }: CardProps & { readonly children: ReactNode }): ReactNode {
  if (item.choices.length > 0)
    return (
      <Choices run={run} item={item}>
        {children}
      </Choices>
    )
  if (isAsking(item))
    return (
      <Words run={run} item={item}>
        {children}
      </Words>
    )
  if (item.about === null) return null
  return (
    <div className={css['choices']}>
      <Seen run={run} item={item} />
      {children}
    </div>
  )
}

/** What was said, as it was written; where it is not here any more, in the words of the question. */
function What({ run, item, named }: CardProps & { readonly named: boolean }): ReactNode {
  const number = item.about?.startsWith('m') === true ? Number(item.about.slice(1)) : undefined
  const message = number === undefined ? undefined : find(run.talk.messages, number)
  if (message === undefined || item.kind === 'unanswered')
    return <p className={named ? 'muted' : undefined}>{item.text}</p>
  return (
    <div className={css['said']} data-named={named}>
      {message.subject !== '' && <p className={css['subject']}>{message.subject}</p>}
      {message.content !== '' && <Markdown text={message.content.slice(0, SAID)} />}
    </div>
  )
}

/** Characters of a message in a card; the rest is in the conversation. */
const SAID = 500

/** Sends an answer; `unavailable` says why it would be refused. */
function useAnswer({ run, item }: CardProps) {
  const w = useWords(words)
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  const dispatch = useDispatch()
  const command = (choice: string) =>
    ({ type: 'attention.answer', run: run.id, id: item.id, choice, since: item.since }) as const
  return {
    unavailable: (choice: string): string | undefined =>
      connected ? state && refusalOf(state, run, command(choice)) : w.notConnected,
    answer: async (choice: string): Promise<boolean> => {
      const taken = await dispatch(command(choice))
      if (taken) forgetRun(run.id)
      return taken
    },
  }
}

function Choices({ run, item, children }: CardProps & { readonly children: ReactNode }): ReactNode {
  const w = useWords(words)
  const { unavailable, answer } = useAnswer({ run, item })
  return (
    <div className={css['choices']}>
      {item.choices.map((choice, index) => (
        <Button
          key={choice}
          look={index === 0 ? 'primary' : 'plain'}
          unavailable={unavailable(choice)}
          onClick={() => void answer(choice)}
        >
          {/* What an agent offers is in its own words. */}
          {(item.kind === 'question' ? undefined : (w.choices as Readonly<Record<string, string>>)[choice]) ??
            choice}
        </Button>
      ))}
      {children}
    </div>
  )
}

/** An answer in the person's own words. */
function Words({ run, item, children }: CardProps & { readonly children: ReactNode }): ReactNode {
  const w = useWords(words)
  const { unavailable, answer } = useAnswer({ run, item })
  const [text, setText] = useState('')
  const said = text.trim()
  const why = said === '' ? w.writeFirst : unavailable(said)
  const send = async (): Promise<void> => {
    if (why === undefined && (await answer(said))) setText('')
  }
  return (
    <form
      className={css['words']}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        rows={2}
        aria-label={w.yourAnswer}
        placeholder={w.yourAnswer}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void send()
        }}
      />
      <div className={css['choices']}>
        <Button look="primary" unavailable={why} onClick={() => void send()}>
          {w.answer}
        </Button>
        {children}
      </div>
    </form>
  )
}

/** Puts away what was only told. */
function Seen({ run, item }: CardProps): ReactNode {
  const w = useWords(words)
  const { unavailable, answer } = useAnswer({ run, item })
  return (
    <Button unavailable={unavailable('seen')} onClick={() => void answer('seen')}>
      {w.seen}
    </Button>
  )
}

function markOfNotice({ kind }: Attention) {
  return kind === 'conflict' ? 'conflict' : kind === 'task-failed' ? 'failed' : 'needs-you'
}
