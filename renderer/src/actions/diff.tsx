import { type ReactNode, useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'
import type { Run } from '../../../main/domain/state.ts'
import { useBridge } from '../state/session.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Empty, Loading, Trouble } from '../ui/Notice.tsx'
import { defineWords, useWords } from '../words/language.ts'
import css from './diff.module.css'

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
  const lines = text.replace(/\n$/, '').split('\n')
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <pre className={css['diff']} tabIndex={0}>
        {lines.slice(0, MOST_LINES).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their number and never move
          <div key={index} data-kind={kindOf(line)}>
            {visible(line)}
          </div>
        ))}
      </pre>
      {lines.length > MOST_LINES && <p className="muted">{w.cut(lines.length - MOST_LINES)}</p>}
    </>
  )
}

function kindOf(line: string): string {
  if (line.startsWith('diff ')) return 'file'
  if (/^(index|---|\+\+\+|new file|deleted file|similarity|rename|old mode|new mode) ?/.test(line))
    return 'head'
  if (line.startsWith('@@')) return 'place'
  if (line.startsWith('+')) return 'added'
  if (line.startsWith('-')) return 'removed'
  return 'same'
}

/** Whoever reads it decides by it: nothing an agent wrote may hide or turn around what is there. */
function visible(line: string): string {
  const shown = line.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be made visible
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return shown === '' ? ' ' : shown
}
