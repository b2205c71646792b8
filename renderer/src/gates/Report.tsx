import { type ReactNode, useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'
import { formatBytes } from '../../../main/domain/bytes.ts'
import type { ReportRead } from '../../../main/domain/gates/gate.ts'
import type { ProjectId } from '../../../main/domain/ids.ts'
import { useBridge } from '../state/session.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Empty, Loading, Trouble } from '../ui/Notice.tsx'
import { useWords } from '../words/language.ts'
import css from './Report.module.css'
import { words } from './words.ts'

interface Shown {
  readonly project: ProjectId
  readonly report: ReportRead
}

const shown = createStore<{ readonly is: Shown | undefined }>(() => ({ is: undefined }))

export function showReport(project: ProjectId, report: ReportRead): void {
  shown.setState({ is: { project, report } })
}

/** More lines than this make the window slow and are read by nobody. */
const MOST_LINES = 5_000

/** Shows the report that `showReport` asked for; once in the frame. */
export function ReportDialog(): ReactNode {
  const is = useStore(shown, (all) => all.is)
  const w = useWords(words)
  return (
    <Dialog
      wide
      open={is !== undefined}
      onClose={() => shown.setState({ is: undefined })}
      title={is === undefined ? '' : w.report(is.report.path)}
    >
      {is !== undefined && <Text key={is.report.hash} {...is} />}
    </Dialog>
  )
}

function Text({ project, report }: Shown): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [text, setText] = useState<string | null | undefined>()
  const [error, setError] = useState<unknown>()
  const [tries, setTries] = useState(0)
  const { hash, bytes } = report
  useEffect(() => {
    void tries
    setError(undefined)
    bridge.request('patch', { project, hash }).then(setText, setError)
  }, [bridge, project, hash, tries])
  if (error !== undefined) return <Trouble error={error} onRetry={() => setTries((n) => n + 1)} />
  if (text === undefined) return <Loading what={w.reportLoading} />
  if (text === null) return <Empty title={w.reportGone} />
  const lines = text.split('\n')
  const cut = lines.length - MOST_LINES
  return (
    <>
      <p className="muted">{w.bytesOf(formatBytes(bytes), hash)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <pre className={css['text']} tabIndex={0}>
        {cut > 0 ? lines.slice(0, MOST_LINES).join('\n') : text}
      </pre>
      {cut > 0 && <p className="muted">{w.cut(cut)}</p>}
    </>
  )
}
