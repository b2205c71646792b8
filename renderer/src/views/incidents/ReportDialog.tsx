import type { ReactNode } from 'react'
import { isActive } from '../../../../main/domain/incidents/incident.ts'
import { incidentReport } from '../../../../main/domain/incidents/report.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { Markdown } from '../talk/Markdown.tsx'
import type { Found } from './incidents.ts'
import css from './ReportDialog.module.css'
import { words } from './words.ts'

/** The report as it is written into the project: to be read, copied or kept as a file. */
export function ReportDialog({
  found: { project, incident },
  onClose,
}: {
  readonly found: Found
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const text = incidentReport(incident)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => tell(w.reportDialog.copied), tellFailure)
  }
  const footer = (
    <>
      <Button onClick={copy}>{w.reportDialog.copy}</Button>
      <Button onClick={() => saveText(`${project.name}-${incident.id}.md`, text)}>
        {w.reportDialog.save}
      </Button>
      <Button look="primary" onClick={onClose}>
        {w.close}
      </Button>
    </>
  )
  return (
    <Dialog open wide onClose={onClose} title={w.reportDialog.title(incident.id)} footer={footer}>
      {isActive(incident) && <p className="muted">{w.reportDialog.draft}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <section className={css['report']} aria-label={w.actions.report} tabIndex={0}>
        <Markdown text={text} />
      </section>
    </Dialog>
  )
}

/** As the browser saves files; nothing leaves the machine. */
function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
  link.click()
  URL.revokeObjectURL(address)
}
