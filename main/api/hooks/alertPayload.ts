import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type IncomingAlert, MOST_ALERTS } from '../../domain/incidents/incidentCommands.ts'

/**
 * What Alertmanager (webhook version 4) and Grafana (the same with more) send: known fields are checked, others passed
 * over. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, and "Default JSON payload" in
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
const texts = z.record(z.string(), z.string())

/** What comes of a label that is none (Grafana sends numbers in annotations now and then). */
const loose = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([name, one]) => [
            name,
            typeof one === 'string' ? one : JSON.stringify(one),
          ]),
        )
      : value,
  texts,
)

/** `0001-01-01T00:00:00Z` is no time. */
const time = z.iso.datetime({ offset: true }).transform((text) => {
  const ms = Date.parse(text)
  return ms <= 0 || Number.isNaN(ms) ? null : ms
})

const Alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: loose,
  annotations: loose.nullish(),
  startsAt: time,
  endsAt: time.nullish(),
  generatorURL: z.string().nullish(),
  /** Grafana's: empty where the rule belongs to no dashboard or panel. */
  panelURL: z.string().nullish(),
  dashboardURL: z.string().nullish(),
  fingerprint: z.string().nullish(),
})

const Payload = z.object({
  version: z.string().optional(),
  groupKey: z.string().nullish(),
  status: z.enum(['firing', 'resolved']).optional(),
  alerts: z.array(Alert).min(1).max(MOST_ALERTS),
})

export type Parsed =
  | { readonly ok: true; readonly alerts: readonly IncomingAlert[] }
  /** In words that say where and what is expected, never what was there. */
  | { readonly ok: false; readonly reason: string }

export function parseAlerts(body: unknown, now: number): Parsed {
  const parsed = Payload.safeParse(body)
  if (!parsed.success) {
    const { path, code } = parsed.error.issues[0]!
    const where = path.length === 0 ? 'the body' : path.join('.')
    return { ok: false, reason: `${where} is not as webhooks of Alertmanager and Grafana have it (${code})` }
  }
  const { groupKey, alerts } = parsed.data
  return { ok: true, alerts: alerts.map((alert) => incoming(alert, groupKey, now)) }
}

function incoming(
  alert: z.output<typeof Alert>,
  groupKey: string | null | undefined,
  now: number,
): IncomingAlert {
  const { labels, status, startsAt, endsAt = null } = alert
  const annotations = alert.annotations ?? {}
  const name = (labels.alertname ?? 'alert').slice(0, 200)
  const url = alert.panelURL || alert.dashboardURL || alert.generatorURL || null
  return {
    fingerprint: NAME.test(alert.fingerprint ?? '') ? alert.fingerprint! : fingerprintOf(labels),
    status,
    name,
    summary: (annotations.summary ?? annotations.title ?? '').slice(0, 500),
    labels: short(labels),
    url: url === null || url.length > 1_000 ? null : url,
    group: (groupKey ?? name).slice(0, 500),
    // A clock ahead of ours must not make all that follows look old.
    startsAt: Math.min(startsAt ?? now, now),
    endsAt: status === 'resolved' ? Math.min(endsAt ?? now, now) : null,
  }
}

/** Senders use hexadecimal digits. */
const NAME = /^[A-Za-z0-9][\w.:-]{0,199}$/

const MOST_LABELS = 64

function short(labels: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(labels).slice(0, MOST_LABELS)
  return Object.fromEntries(kept.map(([name, value]) => [name.slice(0, 200), value.slice(0, 500)]))
}

/** As Alertmanager does it: the same labels are the same alert. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
