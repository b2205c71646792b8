import type { ReactNode } from 'react'
import type { Conflict, ConflictAction } from '../../../../main/domain/conflicts/conflict.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { State } from '../../../../main/domain/state.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { shortName } from '../../state/agents.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { useWords } from '../../words/language.ts'
import { culprit, type Option } from './cards.ts'
import { words } from './words.ts'

/** What a way out is called here, and what it does. */
export interface Said {
  readonly label: string
  readonly text: string
  /** Who has to give way. */
  readonly others: string
}

/** Settles the conflict this way; says first what that costs where it costs somebody's work. */
export function WayButton({
  state,
  project,
  conflict,
  option,
  said,
}: {
  readonly state: State
  readonly project: ProjectId
  readonly conflict: Conflict
  readonly option: Option
  readonly said: Said
}): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const connected = useLive((live) => live.connection.status === 'connected')
  const { action, keep, recommended } = option
  const command = {
    type: 'conflict.resolve',
    project,
    conflict: conflict.id,
    action,
    ...(keep === '' ? {} : { keep }),
  } as const
  const settle = async (): Promise<void> => {
    const { label, text, others } = said
    if (action === 'terminate') {
      const yes = await confirm({ title: w.confirmStop(others), text, confirm: label, danger: true })
      if (!yes) return
    }
    await dispatch(command)
  }
  return (
    <Button
      look={recommended ? 'primary' : action === 'terminate' ? 'danger' : 'plain'}
      unavailable={connected ? projectRefusal(state, command) : w.notConnected}
      onClick={() => void settle()}
    >
      {said.label}
    </Button>
  )
}

type W = ReturnType<typeof useWords<(typeof words)['en']>>

export function saidOf(w: W, conflict: Conflict, { action, keep, others }: Option): Said {
  const names = others.map(shortName).join(w.and)
  const kept = keep === '' ? '' : shortName(keep)
  return { ...saidOfAction(w, conflict, action, kept, names), others: names }
}

function saidOfAction(
  w: W,
  conflict: Conflict,
  action: ConflictAction,
  kept: string,
  others: string,
): Omit<Said, 'others'> {
  const { actions } = w
  const own = shortName(culprit(conflict))
  switch (action) {
    case 'wait':
    case 'terminate':
    case 'split':
      return { label: actions[action].label(kept, others), text: actions[action].text(kept, others) }
    case 'merge':
      return conflict.cause === 'merge'
        ? { label: actions.merge.again, text: actions.merge.againText(own) }
        : { label: actions.merge.label(), text: actions.merge.text() }
    case 'allow':
      return { label: actions.allow.label(own), text: actions.allow.text(own) }
    case 'discard':
      return { label: actions.discard.label(), text: actions.discard.text(own) }
    case 'dismiss':
      return { label: actions.dismiss.label(), text: actions.dismiss.text() }
  }
}
