import { ChevronLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { Handoff, HandoffCheck } from '../../../../main/domain/talk/handoff.ts'
import { messagesOf } from '../../../../main/domain/talk/messageLog.ts'
import { refusalOf } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { NeedsYou } from '../../inspector/NeedsYou.tsx'
import { words as inspectorWords } from '../../inspector/words.ts'
import { useCalm } from '../../state/calm.ts'
import { forgetRun } from '../../state/history.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { Button, IconButton } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Fact, Facts, PanelButtons, PanelHead, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { STEPS, type StepLook, stepsOf } from './board.ts'
import { boardWords } from './boardWords.ts'
import css from './HandoffInspector.module.css'
import { MARK_OF } from './Handoffs.tsx'
import { Markdown } from './Markdown.tsx'
import { Artifacts } from './MessageCard.tsx'

interface Props {
  readonly run: Run
  readonly handoff: Handoff
}

/** A hand-off: how far it is, what is handed over, what the checks found, and what a person can do. */
export function HandoffInspector({ run, handoff }: Props): ReactNode {
  const w = useWords(boardWords)
  const i = useWords(inspectorWords)
  const items = run.attention.filter(({ about }) => about === handoff.id)
  const { reason, state } = handoff
  return (
    <>
      <Head run={run} handoff={handoff} />
      {items.length > 0 && (
        <Section title={i.needYou} tone="needs-you">
          <NeedsYou run={run} items={items} named={false} />
        </Section>
      )}
      <Steps handoff={handoff} />
      {reason !== null && (state === 'returned' || state === 'withdrawn') && (
        <Section title={state === 'returned' ? w.why : w.whyWithdrawn}>
          <Markdown text={reason.replace(/\bperson:(?=\S)/g, '')} />
        </Section>
      )}
      {handoff.checks.length > 0 && <Checks checks={handoff.checks} />}
      {handoff.clarifications.length > 0 && <Clarifications handoff={handoff} />}
      <DocumentView handoff={handoff} />
    </>
  )
}

function Head({ run, handoff }: Props): ReactNode {
  const w = useWords(boardWords)
  const language = usePreference('language')
  const { id, document, from, to, state, since } = handoff
  const mark: Mark = MARK_OF[state]
  const thread = threadOf(run, id)
  // Where a person is asked, the same can be done there.
  const asked = run.attention.some(({ about, choices }) => about === id && choices.length > 0)
  const name = (task: number): string => run.plan.tasks[task]!.id
  return (
    <Section>
      <PanelHead
        glyph={<Glyph mark={mark} size={18} progress={0.7} />}
        title={<h2>{document.title}</h2>}
        about={`${w.handoff(id)} · ${w.states[state]}`}
      >
        <IconButton label={w.back} onClick={() => navigate({ at: 'handoffs' })}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
      </PanelHead>
      <div className={css['facts']}>
        <Facts>
          {(
            [
              ['from', from],
              ['receiver', to],
            ] as const
          ).map(([what, task]) => (
            <Fact key={what} name={w[what]}>
              <button
                type="button"
                className={css['link']}
                onClick={() => navigate({ view: 'graph', run: run.id, task: name(task) })}
              >
                {name(task)}
              </button>
            </Fact>
          ))}
          <Fact name={w.since}>{timeText(since, Date.now(), language)}</Fact>
        </Facts>
      </div>
      <PanelButtons>
        {!asked && <Verbs run={run} handoff={handoff} />}
        {thread !== undefined && (
          <Button onClick={() => navigate({ at: `m${thread}` })}>{w.openThread}</Button>
        )}
      </PanelButtons>
    </Section>
  )
}

/** The newest message about it. */
function threadOf(run: Run, id: string): number | undefined {
  let found: number | undefined
  for (const { number, kind, tags } of messagesOf(run.talk.messages))
    if (kind === 'handoff' && tags.includes(id)) found = number
  return found
}

function Verbs({ run, handoff }: Props): ReactNode {
  const w = useWords(boardWords)
  const dispatch = useDispatch()
  const state = useCalm(useEngineState())
  const connected = useLive((live) => live.connection.status === 'connected')
  const { id } = handoff
  const command = (choice: 'transfer' | 'withdraw') =>
    ({ type: 'handoff.decide', run: run.id, handoff: id, choice }) as const
  const unavailable = (choice: 'transfer' | 'withdraw'): string | undefined =>
    !connected || state === undefined ? w.notConnected : refusalOf(state, run, command(choice))
  const send = async (choice: 'transfer' | 'withdraw'): Promise<void> => {
    const question = {
      title: w.withdrawQuestion(id),
      text: w.withdrawText,
      confirm: w.withdraw,
      danger: true,
    }
    if (choice === 'withdraw' && !(await confirm(question))) return
    if (await dispatch(command(choice))) forgetRun(run.id)
  }
  return (
    <>
      <Button unavailable={unavailable('transfer')} onClick={() => void send('transfer')}>
        {w.transfer}
      </Button>
      <Button unavailable={unavailable('withdraw')} onClick={() => void send('withdraw')}>
        {w.withdraw}
      </Button>
    </>
  )
}

const LOOK_MARK: Readonly<Record<StepLook, Mark>> = {
  done: 'done',
  now: 'running',
  waiting: 'waiting',
  stopped: 'conflict',
}

function Steps({ handoff }: { readonly handoff: Handoff }): ReactNode {
  const w = useWords(boardWords)
  const steps = stepsOf(handoff)
  return (
    <Section title={w.steps.label}>
      <ol className={css['steps']}>
        {STEPS.map((step) => (
          <li key={step} data-look={steps[step]}>
            <Glyph mark={LOOK_MARK[steps[step]]} size={14} progress={0.5} />
            <span>{w.steps[step]}</span>
            <span className="muted">{w.stepLooks[steps[step]]}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

const RESULT_MARK = { passed: 'done', failed: 'failed', unset: 'waiting' } as const

function Checks({ checks }: { readonly checks: readonly HandoffCheck[] }): ReactNode {
  const w = useWords(boardWords)
  return (
    <Section title={w.checks}>
      <ul className={css['checks']}>
        {checks.map(({ name, result, detail }) => (
          <li key={name}>
            <Glyph mark={RESULT_MARK[result]} size={14} />
            <div>
              <p>
                {name.replaceAll('_', ' ')} <span className="muted">{w.checkResults[result]}</span>
              </p>
              {detail !== '' && <p className={css['detail']}>{detail}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Clarifications({ handoff }: { readonly handoff: Handoff }): ReactNode {
  const w = useWords(boardWords)
  return (
    <Section title={w.clarifications}>
      <ul className={css['questions']}>
        {handoff.clarifications.map(({ question, answer }, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: questions only ever come after the others
          <li key={n}>
            <p>{question}</p>
            {answer === null ? <p className="muted">{w.noAnswer}</p> : <Markdown text={answer} />}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function DocumentView({ handoff: { document } }: { readonly handoff: Handoff }): ReactNode {
  const w = useWords(boardWords)
  const lists = ['completed', 'knownIssues', 'dependencies', 'successCriteria'] as const
  return (
    <Section title={w.document}>
      <div className={css['document']}>
        {lists.map((list) => (
          <div key={list}>
            <p className={css['part']}>{w.sections[list]}</p>
            {document[list].length === 0 ? (
              <p className="muted">{w.none}</p>
            ) : (
              <Markdown text={document[list].map((line) => `- ${line.replaceAll('\n', ' ')}`).join('\n')} />
            )}
          </div>
        ))}
        <div>
          <p className={css['part']}>{w.artifacts}</p>
          {document.artifacts.length === 0 ? (
            <p className="muted">{w.none}</p>
          ) : (
            <Artifacts artifacts={document.artifacts} />
          )}
        </div>
        {document.notes !== '' && (
          <div>
            <p className={css['part']}>{w.sections.notes}</p>
            <Markdown text={document.notes} />
          </div>
        )}
      </div>
    </Section>
  )
}
