import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { createStore, useStore } from 'zustand'
import { useWords } from '../words/language.ts'
import { Button } from './Button.tsx'
import css from './Dialog.module.css'
import { words } from './words.ts'

export function Dialog({
  open,
  onClose,
  title,
  wide = false,
  footer,
  children,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly wide?: boolean
  readonly footer?: ReactNode
  readonly children: ReactNode
}): ReactNode {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css['backdrop']} />
        <Base.Popup className={`${css['popup']} ${wide ? css['wide'] : ''}`}>
          <Base.Title className={css['title']}>{title}</Base.Title>
          <div className={css['body']}>{children}</div>
          {footer !== undefined && <footer className={css['footer']}>{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** What is asked before something that is not easily taken back. */
export interface Question {
  readonly title: string
  /** What will happen, and what stays. */
  readonly text: string
  readonly confirm: string
  readonly danger?: boolean
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void
}

const asked = createStore<{ readonly question: Asked | undefined }>(() => ({ question: undefined }))

/** Resolves to whether the person confirmed. */
export function confirm(question: Question): Promise<boolean> {
  asked.getState().question?.answer(false)
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      asked.setState({ question: undefined })
      resolve(yes)
    }
    asked.setState({ question: { ...question, answer } })
  })
}

/** Shows the questions of `confirm`; once in the frame. */
export function Questions(): ReactNode {
  const question = useStore(asked, (all) => all.question)
  const w = useWords(words)
  return (
    <AlertDialog.Root open={question !== undefined} onOpenChange={(open) => !open && question?.answer(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={css['backdrop']} />
        <AlertDialog.Popup className={css['popup']}>
          <AlertDialog.Title className={css['title']}>{question?.title}</AlertDialog.Title>
          <AlertDialog.Description className={css['body']}>{question?.text}</AlertDialog.Description>
          <footer className={css['footer']}>
            <Button onClick={() => question?.answer(false)}>{w.cancel}</Button>
            <Button
              look={question?.danger === true ? 'danger' : 'primary'}
              onClick={() => question?.answer(true)}
            >
              {question?.confirm}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
