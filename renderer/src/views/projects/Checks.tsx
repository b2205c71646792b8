import { RotateCw } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { Mark } from '../../../../main/domain/status.ts'
import type { Check } from '../../../../preload/contract.ts'
import { useBridge, useLive } from '../../state/session.tsx'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Trouble } from '../../ui/Notice.tsx'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import css from './Projects.module.css'
import { useAsked } from './useAsked.ts'
import { words } from './words.ts'

const MARK: Readonly<Record<Check['status'], Mark>> = { ok: 'done', missing: 'failed', note: 'needs-you' }

/** What runs need of this machine, each with the button that mends it. */
export function Checks(): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [found, again] = useAsked(connected ? 'checks' : null, () => bridge.request('checks', {}))
  const ready = found.status === 'ready' && found.value.every(({ status }) => status === 'ok')
  return (
    <section>
      <header className={css['head']}>
        <h3>{w.machine}</h3>
        <IconButton label={w.checkAgain} unavailable={connected ? undefined : w.notConnected} onClick={again}>
          <RotateCw size={13} aria-hidden />
        </IconButton>
      </header>
      {found.status === 'failed' && <Trouble error={found.error} onRetry={again} />}
      {(found.status === 'loading' || found.status === 'idle') && (
        <p className="muted">{connected ? w.checking : w.notConnected}</p>
      )}
      {found.status === 'ready' && (
        <ul className={css['checks']}>
          {found.value.map((check) => (
            <CheckLine key={check.id} check={check} connected={connected} onMended={again} />
          ))}
        </ul>
      )}
      {ready && <p className="muted">{w.machineReady}</p>}
    </section>
  )
}

function CheckLine({
  check,
  connected,
  onMended,
}: {
  readonly check: Check
  readonly connected: boolean
  readonly onMended: () => void
}): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [mending, setMending] = useState(false)
  const line = useProgress(check.id, mending)
  const { fix } = check
  const mend = async (): Promise<void> => {
    if (fix?.how === 'copy') {
      await navigator.clipboard.writeText(fix.command)
      tell(w.copied)
      return
    }
    setMending(true)
    try {
      await bridge.request('mend', { check: check.id })
    } catch (error) {
      tellFailure(error)
    } finally {
      setMending(false)
      onMended()
    }
  }
  return (
    <li>
      <Glyph mark={mending ? 'running' : MARK[check.status]} size={14} />
      <div>
        <p>
          <strong>{w.checks[check.id]}</strong> <span className="muted">{check.detail}</span>
        </p>
        {check.remedy !== '' && !mending && <p className="muted">{check.remedy}</p>}
        {mending && <p className={css['line']}>{line}</p>}
        {fix !== null && !mending && (
          <div className={css['fix']}>
            <Button
              unavailable={connected || fix.how === 'copy' ? undefined : w.notConnected}
              onClick={() => void mend().catch(tellFailure)}
            >
              {fix.how === 'copy' ? w.copyCommand : fix.label}
            </Button>
            {fix.how === 'copy' && <code>{fix.command}</code>}
          </div>
        )}
      </div>
    </li>
  )
}

/** The last line told of something that takes its time. */
export function useProgress(of: string, active: boolean): string {
  const bridge = useBridge()
  const [line, setLine] = useState('')
  useEffect(() => {
    if (!active) return
    setLine('')
    return bridge.on('progress', (progress) => {
      if (progress.of === of && progress.line.trim() !== '') setLine(progress.line)
    })
  }, [bridge, of, active])
  return line
}
