import type { ReactNode } from 'react'
import type { Attention, Run } from '../../../main/domain/state.ts'
import { refusalOf } from '../actions/refusal.ts'
import { useDispatch } from '../actions/useDispatch.ts'
import { forgetRun } from '../state/history.ts'
import { navigate } from '../state/place.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
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

function Card({
  run,
  item,
  named,
}: {
  readonly run: Run
  readonly item: Attention
  readonly named: boolean
}): ReactNode {
  const w = useWords(words)
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  const dispatch = useDispatch()
  const task = item.task === null ? undefined : run.plan.tasks[item.task]
  const answer = async (choice: string): Promise<void> => {
    if (await dispatch({ type: 'attention.answer', run: run.id, id: item.id, choice })) forgetRun(run.id)
  }
  return (
    <li className={css['item']}>
      {named && <Glyph mark={item.choices.length > 0 ? 'needs-you' : markOfNotice(item)} />}
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
        <p className={named ? 'muted' : undefined}>{item.text}</p>
        {item.choices.length > 0 && (
          <div className={css['choices']}>
            {item.choices.map((choice, index) => (
              <Button
                key={choice}
                look={index === 0 ? 'primary' : 'plain'}
                unavailable={
                  connected
                    ? state &&
                      refusalOf(state, run, { type: 'attention.answer', run: run.id, id: item.id, choice })
                    : w.notConnected
                }
                onClick={() => void answer(choice)}
              >
                {(w.choices as Readonly<Record<string, string>>)[choice] ?? choice}
              </Button>
            ))}
          </div>
        )}
      </div>
    </li>
  )
}

function markOfNotice({ kind }: Attention) {
  return kind === 'conflict' ? 'conflict' : kind === 'task-failed' ? 'failed' : 'needs-you'
}
