import { useMemo } from 'react'
import type { ClientCommand } from '../../../main/domain/commands.ts'
import type { Run, State } from '../../../main/domain/state.ts'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { askRollback } from '../rollback/asked.ts'
import { backFrom } from '../rollback/points.ts'
import { useCalm } from '../state/calm.ts'
import { forgetRun } from '../state/history.ts'
import { navigate } from '../state/place.ts'
import { useBridge, useLive } from '../state/session.tsx'
import { confirm } from '../ui/Dialog.tsx'
import { tell, tellFailure } from '../ui/toasts.tsx'
import { useWords } from '../words/language.ts'
import type { Action } from './action.ts'
import { showDiff } from './diff.tsx'
import { refusalOf } from './refusal.ts'
import { useDispatch } from './useDispatch.ts'
import { words } from './words.ts'

export type RunVerb =
  | 'pause'
  | 'continue'
  | 'stop'
  | 'stopNow'
  | 'apply'
  | 'discard'
  | 'diff'
  | 'again'
  | 'rollback'

export function runName(run: Run): string {
  return `${run.plan.epic}#${run.number}`
}

/** What can be done with a run, each with the reason where it cannot. */
export function useRunActions(run: Run | undefined): Readonly<Record<RunVerb, Action>> | undefined {
  const w = useWords(words)
  const bridge = useBridge()
  const dispatch = useDispatch()
  // Working out the reasons asks the engine's rules for each verb: not for every frame.
  const state = useCalm(useLive((live) => live.state))
  const connected = useLive((live) => live.connection.status === 'connected')
  return useMemo(
    () =>
      run === undefined || state === undefined
        ? undefined
        : actionsOf(run, { w, bridge, dispatch, state, connected }),
    [run, state, connected, w, bridge, dispatch],
  )
}

interface Means {
  readonly w: ReturnType<typeof useWords<typeof words.en>>
  readonly bridge: AmphitheatreBridge
  readonly dispatch: ReturnType<typeof useDispatch>
  readonly state: State
  readonly connected: boolean
}

function actionsOf(
  run: Run,
  { w, bridge, dispatch, state, connected }: Means,
): Readonly<Record<RunVerb, Action>> {
  const name = runName(run)
  const action = (
    id: RunVerb,
    command: ClientCommand | undefined,
    perform: () => void | Promise<void>,
    more: Partial<Action> = {},
  ): Action => ({
    id,
    label: w[id],
    unavailable: !connected ? w.notConnected : command && refusalOf(state, run, command, w.already),
    perform: () => void perform(),
    ...more,
  })
  const send = (command: ClientCommand) => async (): Promise<void> => {
    if (await dispatch(command)) forgetRun(run.id)
  }
  const ask =
    (command: ClientCommand, title: string, text: string, verb: RunVerb) => async (): Promise<void> => {
      const yes = await confirm({ title, text, confirm: w[verb], danger: verb !== 'apply' })
      if (yes) await send(command)()
    }
  const id = run.id
  const stop: ClientCommand = { type: 'run.stop', run: id, force: false }
  const stopNow: ClientCommand = { type: 'run.stop', run: id, force: true }
  const apply: ClientCommand = { type: 'run.apply', run: id }
  const discard: ClientCommand = { type: 'run.discard', run: id }
  const nothing = run.tip === null || run.tip === run.base ? w.noWork : undefined
  const project = state.projects.get(run.project)
  const back = project === undefined ? undefined : backFrom(project, run)
  return {
    pause: action('pause', { type: 'run.pause', run: id }, send({ type: 'run.pause', run: id })),
    continue: action('continue', { type: 'run.continue', run: id }, send({ type: 'run.continue', run: id })),
    stop: action('stop', stop, ask(stop, w.stopQuestion(name), w.stopText(run.counts.active), 'stop'), {
      danger: true,
    }),
    stopNow: action('stopNow', stopNow, ask(stopNow, w.stopQuestion(name), w.stopNowText, 'stopNow'), {
      danger: true,
    }),
    apply: action('apply', apply, ask(apply, w.applyQuestion(name), w.applyText(run.root), 'apply')),
    discard: action('discard', discard, ask(discard, w.discardQuestion(name), w.discardText, 'discard'), {
      danger: true,
    }),
    diff: action('diff', undefined, () => showDiff(run), connected ? { unavailable: nothing } : {}),
    rollback: action(
      'rollback',
      undefined,
      () => {
        if (back !== undefined) askRollback(back)
      },
      { danger: true, ...(connected && back === undefined ? { unavailable: w.nothingToRollBack } : {}) },
    ),
    again: action(
      'again',
      undefined,
      async () => {
        try {
          const started = await bridge.request('start', { root: run.root, epic: run.plan.epic })
          if (!started.ok) return tellFailure({ message: started.problems.join('\n') })
          tell(w.started(run.plan.title))
          navigate({ view: 'house', run: started.run, task: undefined })
        } catch (error) {
          tellFailure(error)
        }
      },
      connected && project === undefined ? { unavailable: w.noProject } : {},
    ),
  }
}
