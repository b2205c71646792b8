import { formatBytes } from '../../../../main/domain/bytes.ts'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { RollbackPoint } from '../../../../main/domain/points/point.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { Action } from '../../actions/action.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { askRollback } from '../../rollback/asked.ts'
import { navigate } from '../../state/place.ts'
import { newRunId } from '../../state/runIds.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { tell } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { words } from './words.ts'

const TRIAL = 'trial' as RunId

/** Sends commands, and says why one would be refused now. */
export function useSend() {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  return {
    why: (command: ClientCommand): string | undefined =>
      !connected || state === undefined ? w.notConnected : projectRefusal(state, command, w.already),
    send: async (command: ClientCommand, told: string): Promise<boolean> => {
      const taken = await dispatch(command)
      if (taken) tell(told)
      return taken
    },
  }
}

export type PointVerb = 'rollBack' | 'test' | 'pin' | 'remove'

/** What can be done with a point, each with the reason where it cannot. */
export function usePointActions(
  project: ProjectRecord,
  point: RollbackPoint,
): Readonly<Record<PointVerb, Action>> {
  const w = useWords(words)
  const { why, send } = useSend()
  const { id, target, pinned, bytes } = point
  const of = { project: project.id, point: id }
  const pin: ClientCommand = { type: pinned ? 'point.unpin' : 'point.pin', ...of }
  const remove: ClientCommand = { type: 'point.remove', ...of }
  return {
    rollBack: {
      id: 'rollBack',
      label: w.rollBack,
      perform: () => askRollback({ project: project.id, target, point: id }),
    },
    test: {
      id: 'test',
      label: w.test,
      unavailable: why({ type: 'point.test', ...of, run: TRIAL }),
      perform: () =>
        void send({ type: 'point.test', ...of, run: newRunId() }, w.started(`${w.restoreTest} ${id}`)),
    },
    pin: {
      id: 'pin',
      label: pinned ? w.unpin : w.pin,
      unavailable: why(pin),
      perform: () => void send(pin, pinned ? w.unpinnedNow(id) : w.pinnedNow(id)),
    },
    remove: {
      id: 'remove',
      label: w.remove,
      danger: true,
      unavailable: why(remove),
      perform: () =>
        void (async () => {
          const text = w.removeText(formatBytes(bytes))
          const question = { title: w.removeQuestion(id), text, confirm: w.remove, danger: true }
          if (!(await confirm(question))) return
          if (await send(remove, w.removedNow(id))) navigate({ at: undefined }, 'replace')
        })(),
    },
  }
}

/** Of a target, or of the repository alone. */
export function useTargetActions(
  project: ProjectRecord,
  target: string | null,
): Readonly<Record<'rollBack' | 'makePoint', Action>> {
  const w = useWords(words)
  const { why, send } = useSend()
  const make = (run: RunId): ClientCommand => ({
    type: 'point.make',
    project: project.id,
    run,
    target,
    name: null,
  })
  const hasPoint = project.points.some((point) => point.target === target)
  return {
    rollBack: {
      id: 'rollBack',
      label: w.rollBack,
      unavailable: hasPoint ? undefined : w.noPoint,
      perform: () => askRollback({ project: project.id, target }),
    },
    makePoint: {
      id: 'makePoint',
      label: w.makePoint,
      unavailable: why(make(TRIAL)),
      perform: () => void send(make(newRunId()), w.started(w.makePoint)),
    },
  }
}
