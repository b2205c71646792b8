import type { ReactNode } from 'react'
import type { ClientCommand } from '../../../main/domain/commands.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { words as uiWords } from '../ui/words.ts'
import { useWords } from '../words/language.ts'
import css from './FormDialog.module.css'
import { projectRefusal } from './refusal.ts'
import { useDispatch } from './useDispatch.ts'
import { words } from './words.ts'

/** A question with fields; says why its answer cannot be sent, in the words of the rules. Ctrl+Enter sends it. */
export function FormDialog({
  title,
  submit,
  command,
  wrong,
  already,
  danger = false,
  onClose,
  onDone,
  children,
}: {
  readonly title: string
  readonly submit: string
  readonly command: ClientCommand
  /** What is missing, before the rules are asked. */
  readonly wrong: string | undefined
  /** What is said where it would change nothing. */
  readonly already?: string
  readonly danger?: boolean
  readonly onClose: () => void
  readonly onDone?: () => void
  readonly children: ReactNode
}): ReactNode {
  const w = useWords(words)
  const u = useWords(uiWords)
  const dispatch = useDispatch()
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  const why =
    connected && state !== undefined
      ? (wrong ?? projectRefusal(state, command, already ?? w.already))
      : w.notConnected
  const send = async (): Promise<void> => {
    if (why !== undefined || !(await dispatch(command))) return
    onClose()
    onDone?.()
  }
  const footer = (
    <>
      <span className={css['why']} role="status">
        {why}
      </span>
      <Button onClick={onClose}>{u.cancel}</Button>
      <Button look={danger ? 'danger' : 'primary'} unavailable={why} onClick={() => void send()}>
        {submit}
      </Button>
    </>
  )
  return (
    <Dialog open onClose={onClose} title={title} footer={footer}>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void send()
        }}
      >
        {children}
        <input type="submit" hidden />
      </form>
    </Dialog>
  )
}

export function Field({
  label,
  children,
}: {
  readonly label: string
  readonly children: ReactNode
}): ReactNode {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is put around
    <label>
      <span>{label}</span>
      {children}
    </label>
  )
}
