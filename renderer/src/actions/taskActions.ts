import type { ClientCommand } from '../../../main/domain/commands.ts'
import { NO_LOCKS } from '../../../main/domain/locks/changes.ts'
import { lockWords } from '../../../main/domain/locks/lock.ts'
import { holderOf } from '../../../main/domain/locks/taskLocks.ts'
import type { Run, State } from '../../../main/domain/state.ts'
import { forgetRun } from '../state/history.ts'
import { navigate } from '../state/place.ts'
import { useLive } from '../state/session.tsx'
import { confirm } from '../ui/Dialog.tsx'
import { tell } from '../ui/toasts.tsx'
import { blockersOf } from '../views/locks/entries.ts'
import { useWords } from '../words/language.ts'
import type { Action } from './action.ts'
import { refusalOf } from './refusal.ts'
import { useDispatch } from './useDispatch.ts'
import { words } from './words.ts'

export type TaskVerb =
  | 'pauseAgent'
  | 'continueAgent'
  | 'stopAgent'
  | 'stopAgentNow'
  | 'retry'
  | 'skip'
  | 'rerun'
  | 'releaseLocks'
  | 'terminal'
  | 'copyName'

/** What can be done with a task and its agent, each with the reason where it cannot. `index` in the run's plan. */
export function useTaskActions(
  run: Run | undefined,
  index: number | undefined,
): Readonly<Record<TaskVerb, Action>> | undefined {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useLive((live) => live.state)
  const connected = useLive((live) => live.connection.status === 'connected')
  if (run === undefined || index === undefined || state === undefined) return undefined
  const task = run.plan.tasks[index]!.id
  const of = { run: run.id, task }
  const send = async (command: ClientCommand): Promise<void> => {
    if (await dispatch(command)) forgetRun(run.id)
  }
  const verb = (
    id: TaskVerb,
    command: ClientCommand,
    more: Partial<Action> = {},
    perform: () => void | Promise<void> = () => send(command),
  ): Action => ({
    id,
    label: w[id],
    unavailable: connected ? refusalOf(state, run, command, w.already) : w.notConnected,
    perform: () => void perform(),
    ...more,
  })
  const skip: ClientCommand = { type: 'task.skip', ...of }
  const release: ClientCommand = { type: 'locks.release', ...of }
  return {
    pauseAgent: verb('pauseAgent', { type: 'agent.pause', ...of }),
    continueAgent: verb('continueAgent', { type: 'agent.continue', ...of }),
    stopAgent: verb('stopAgent', { type: 'agent.stop', ...of, force: false }),
    stopAgentNow: verb('stopAgentNow', { type: 'agent.stop', ...of, force: true }, { danger: true }),
    retry: verb('retry', { type: 'task.retry', ...of }),
    rerun: verb('rerun', { type: 'task.rerun', ...of }),
    skip: verb('skip', skip, {}, async () => {
      const yes = await confirm({ title: w.skipQuestion(task), text: w.skipText, confirm: w.skip })
      if (yes) await send(skip)
    }),
    releaseLocks: verb('releaseLocks', release, { danger: true }, async () => {
      const { holds, waiting } = consequences(state, run, index)
      const text = w.releaseText(holds, waiting)
      const yes = await confirm({
        title: w.releaseQuestion(task),
        text,
        confirm: w.releaseLocks,
        danger: true,
      })
      if (yes) await send(release)
    }),
    terminal: {
      id: 'terminal',
      label: w.terminal,
      perform: () => navigate({ view: 'agents', run: run.id, task }),
    },
    copyName: {
      id: 'copyName',
      label: w.copyName,
      perform: () => void navigator.clipboard.writeText(task).then(() => tell(w.copied(task))),
    },
  }
}

/** What an agent holds, in words, and how many wait for some of it. */
function consequences(state: State, run: Run, index: number): { holds: string; waiting: number } {
  const table = state.projects.get(run.project)?.locks ?? NO_LOCKS
  const holder = holderOf(run, index, run.tasks.get(index)!.current?.n ?? 0)
  const waiting = table.waiters.filter((waiter) =>
    blockersOf(table, waiter).some((blocker) => blocker.holder === holder && blocker.holds),
  )
  const held = table.grants.find((grant) => grant.holder === holder)?.locks ?? []
  return { holds: held.map(lockWords).join(', '), waiting: waiting.length }
}
