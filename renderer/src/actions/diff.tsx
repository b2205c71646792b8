import { type ReactNode, useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'
import type { Run } from '../../../main/domain/state.ts'
import { useBridge } from '../state/session.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { DiffText, lineCount } from '../ui/DiffText.tsx'
import { Empty, Loading, Trouble } from '../ui/Notice.tsx'
import { defineWords, useWords } from '../words/language.ts'

const words = defineWords(
  {
    title: (name: string) => `Changes of ${name}`,
    nothing: 'Nothing has been changed yet.',
    cut: (lines: number) => `${lines} further lines are not shown; “amphi diff” prints all of them.`,
  },
  {
    title: (name: string) => `Thay đổi của ${name}`,
    nothing: 'Chưa có gì thay đổi.',
    cut: (lines: number) => `${lines} dòng nữa không hiển thị; “amphi diff” in ra tất cả.`,
  },
)

const shown = createStore<{ readonly run: Run | undefined }>(() => ({ run: undefined }))

export function showDiff(run: Run): void {
  shown.setState({ run })
}

/** More lines than this make the window slow and are read by nobody. */
const MOST_LINES = 5_000

/** Shows the changes that `showDiff` asked for; once in the frame. */
export function DiffDialog(): ReactNode {
  const run = useStore(shown, (all) => all.run)
  const w = useWords(words)
  const title = run === undefined ? '' : w.title(`${run.plan.epic}#${run.number}`)
  return (
    <Dialog wide open={run !== undefined} onClose={() => shown.setState({ run: undefined })} title={title}>
      {run !== undefined && <Diff run={run} />}
    </Dialog>
  )
}

function Diff({ run }: { readonly run: Run }): ReactNode {
  const bridge = useBridge()
  const w = useWords(words)
  const [text, setText] = useState<string | undefined>()
  const [error, setError] = useState<unknown>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    void tries
    setError(undefined)
    bridge.request('diff', { project: run.project, run: run.id }).then(setText, setError)
  }, [bridge, run.project, run.id, tries])
  if (error !== undefined) return <Trouble error={error} onRetry={() => setTries((n) => n + 1)} />
  if (text === undefined) return <Loading />
  if (text.trim() === '') return <Empty title={w.nothing} />
  const cut = lineCount(text) - MOST_LINES
  return (
    <>
      <DiffText text={text} most={MOST_LINES} label={w.title(`${run.plan.epic}#${run.number}`)} />
      {cut > 0 && <p className="muted">{w.cut(cut)}</p>}
    </>
  )
}
