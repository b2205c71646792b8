import { type ReactNode, useEffect, useRef } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { type Ballot, tally } from '../../../../main/domain/talk/ballot.ts'
import { refusalOf } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { forgetRun } from '../../state/history.ts'
import { usePlace } from '../../state/place.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './Ballots.module.css'
import { boardWords } from './boardWords.ts'
import { Markdown } from './Markdown.tsx'
import { ballotIn } from './tabs.ts'

/** What is voted on, and what was; the person's vote decides. */
export function Ballots({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(boardWords)
  const chosen = ballotIn(usePlace().at)
  const { ballots } = run.talk
  const open = ballots.filter(({ closed }) => closed === null)
  const closed = ballots.filter((ballot) => ballot.closed !== null).toReversed()
  if (ballots.length === 0) return <Empty title={w.noBallots}>{w.noBallotsText}</Empty>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <div className={css['ballots']} tabIndex={0}>
      {[
        { title: w.openBallots, list: open },
        { title: w.closedBallots, list: closed },
      ].map(({ title, list }) =>
        list.length === 0 ? null : (
          <section key={title}>
            <h3>{title}</h3>
            <ul>
              {list.map((ballot) => (
                <li key={ballot.id}>
                  <Card run={run} ballot={ballot} chosen={ballot.id === chosen} />
                </li>
              ))}
            </ul>
          </section>
        ),
      )}
    </div>
  )
}

function Card({
  run,
  ballot,
  chosen,
}: {
  readonly run: Run
  readonly ballot: Ballot
  readonly chosen: boolean
}): ReactNode {
  const w = useWords(boardWords)
  const ref = useRef<HTMLElement>(null)
  const { id, by, question, voters, votes, needed, closed } = ballot
  const mark = closed === null ? 'running' : closed.result === null ? 'conflict' : 'done'
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const asked = by === null ? w.byPerson : w.by(run.plan.tasks[by]!.id)
  return (
    <article ref={ref} className={css['card']} data-chosen={chosen} aria-label={w.ballot(id)}>
      <header>
        <Glyph mark={mark} progress={votes.length / Math.max(1, voters.length)} />
        <div className={css['question']}>
          <Markdown text={question} />
          <p className="muted">
            {id} · {asked} · {closed === null ? <Closes at={ballot.due} /> : w.reasons[closed.reason]}
          </p>
        </div>
      </header>
      <ul className={css['options']}>
        {tally(ballot).map(({ option, votes: count }) => (
          <Option key={option} run={run} ballot={ballot} option={option} count={count} />
        ))}
      </ul>
      <p className={css['foot']}>
        {closed === null
          ? w.votes(votes.filter(({ task }) => task !== null).length, voters.length, needed)
          : closed.result === null
            ? w.undecided
            : w.decided(closed.result)}
        {closed === null && <span className="muted"> · {w.yourVote}</span>}
      </p>
    </article>
  )
}

function Closes({ at }: { readonly at: number }): ReactNode {
  const w = useWords(boardWords)
  const left = Math.max(0, at - useNow())
  return w.closes(formatDuration(Math.ceil(left / 1_000) * 1_000))
}

function Option({
  run,
  ballot,
  option,
  count,
}: {
  readonly run: Run
  readonly ballot: Ballot
  readonly option: string
  readonly count: number
}): ReactNode {
  const w = useWords(boardWords)
  const dispatch = useDispatch()
  const state = useCalm(useEngineState())
  const connected = useLive((live) => live.connection.status === 'connected')
  const command = { type: 'ballot.vote', run: run.id, ballot: ballot.id, option } as const
  const unavailable = !connected || state === undefined ? w.notConnected : refusalOf(state, run, command)
  const vote = async (): Promise<void> => {
    if (await dispatch(command)) forgetRun(run.id)
  }
  const who = ballot.votes
    .filter((cast) => cast.option === option)
    .map(({ task }) => (task === null ? w.person : run.plan.tasks[task]!.id))
  return (
    <li data-won={ballot.closed?.result === option}>
      <span className={css['option']}>{option}</span>
      <span
        className={css['bar']}
        role="img"
        aria-label={w.tally(option, count)}
        style={
          {
            '--share': `${Math.min(100, (count / Math.max(1, ballot.needed)) * 100)}%`,
          } as React.CSSProperties
        }
      />
      <span className={css['count']}>{count}</span>
      <span className={css['voters']}>{who.join(', ')}</span>
      {ballot.closed === null && (
        <Button unavailable={unavailable} onClick={() => void vote()} aria-label={w.voteFor(option)}>
          {w.vote}
        </Button>
      )}
    </li>
  )
}
