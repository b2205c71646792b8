import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AlertView, Incident } from '../../../../main/domain/incidents/incident.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { isHttps, openLink } from '../agents/clipboard.ts'
import { timeText } from '../events/timeText.ts'
import css from './AlertList.module.css'
import { words } from './words.ts'

/** The alerts that are it, the newest first, those that fire before those that ended. */
export function AlertList({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const { latest, firing, resolved } = incident.alerts
  if (latest.length === 0) return null
  const all = firing + resolved
  const sorted = latest.toSorted(
    (a, b) => Number(a.endsAt !== null) - Number(b.endsAt !== null) || b.startsAt - a.startsAt,
  )
  return (
    <section aria-label={w.alerts(all)}>
      <h3>{w.alerts(all)}</h3>
      <ul className={css['alerts']}>
        {sorted.map((alert) => (
          <Row key={`${alert.fingerprint} ${alert.startsAt}`} alert={alert} />
        ))}
      </ul>
      {all > latest.length && <p className={css['more']}>{w.moreAlerts(all - latest.length)}</p>}
    </section>
  )
}

function Row({ alert }: { readonly alert: AlertView }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const { name, summary, labels, url, startsAt, endsAt } = alert
  const rest = Object.entries(labels)
    .filter(([label]) => label !== 'alertname')
    .map(([label, value]) => `${label}=${value}`)
  return (
    <li>
      <Glyph mark={endsAt === null ? 'failed' : 'done'} size={14} />
      <div>
        <p>
          <b>{name}</b> <span className="muted">{endsAt === null ? w.fires : w.ended}</span> {summary}
        </p>
        <p className={css['labels']}>{rest.join('  ')}</p>
      </div>
      <time className="muted" dateTime={new Date(startsAt).toISOString()}>
        {timeText(startsAt, now, language)}
        {endsAt !== null && ` – ${timeText(endsAt, now, language)}`}
      </time>
      {url !== null && isHttps(url) && (
        <IconButton label={w.openAlert(name)} onClick={() => openLink(url, () => undefined)}>
          <ExternalLink size={14} aria-hidden />
        </IconButton>
      )}
    </li>
  )
}
