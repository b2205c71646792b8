import { rollbackPlan } from '../../../main/domain/rollback/rollbackPlan.ts'
import type { Driver } from '../../../main/domain/testing/driver.ts'
import { alert, configure, incident, open, received, told } from '../../../main/domain/testing/incidents.ts'
import {
  addPoint,
  COMMIT,
  change,
  LATER,
  release,
  targetSpec,
  withTarget,
} from '../../../main/domain/testing/targets.ts'
import type { PreviewRequest, RollbackPreview } from '../../../preload/contract.ts'

/** A shop whose second release is bad: its incidents, its points, and what going back would do; to be looked at. */

const MOVE = { branch: 'main', from: LATER, to: COMMIT }

export function playIncidents(driver: Driver): void {
  driver.advance(-22 * 60_000)
  withTarget(driver, { spec: targetSpec('shop') })
  addPoint(driver, 'r0/deploy#1', { bytes: 212e6, why: 'deploy', release: release('v1.9.3') })
  driver.advance(8 * 60_000)
  addPoint(driver, 'r1/migrate#1', { bytes: 381e6, why: 'migrate', release: release('v1.9.4') })
  driver.advance(9 * 60_000)
  const current = {
    release: release('v2.0.0', LATER),
    by: 'r1/deploy#1',
    at: driver.now,
    before: 'p2',
    verified: false,
  }
  withTarget(driver, { spec: targetSpec('shop'), current, history: [current], state: 'unhealthy' })
  addPoint(driver, 'r1/hand#1', {
    bytes: 390e6,
    why: 'hand',
    name: 'before the sale',
    release: release('v2.0.0'),
  })
  change(driver, (project) => ({
    ...project,
    deeds: [
      {
        kind: 'migrate',
        target: 'shop',
        run: 'r1',
        task: 'migrate',
        attempt: 1,
        at: driver.now,
        text: '0014_add_pgvector_extension',
      },
      {
        kind: 'irreversible',
        target: 'shop',
        run: 'r1',
        task: 'mails',
        attempt: 1,
        at: driver.now,
        text: '12 order mails',
      },
    ] as never,
    timings: {
      'shop:point': [38_000],
      'shop:hold': [1_000],
      'shop:scratch': [31_000],
      'shop:restore:database': [2_000],
      'shop:restore:environment': [200],
      'shop:restore:image': [12_000],
      'shop:restore:branch': [1_000],
      'shop:verify': [20_000],
    },
  }))
  configure(driver)
  driver.must(
    received(
      alert('CheckoutFails', {
        startsAt: driver.now - 60_000,
        labels: { alertname: 'CheckoutFails', severity: 'critical', target: 'shop' },
        summary: 'Checkout fails: 43 % of requests answer 500',
        url: 'https://prometheus.example/graph',
      }),
      alert('QueueGrows', {
        startsAt: driver.now - 20_000,
        labels: { alertname: 'QueueGrows', severity: 'warning', target: 'shop' },
        summary: 'Orders wait for more than a minute',
      }),
    ),
  )
  driver.advance(4_000)
  driver.must(open({ severity: 'P2', title: 'Search is slow', target: null }))
  const run = incident(driver).checks!.run!
  driver.advance(10_000)
  told(driver, run, 'deploys', {
    finding: 'v2.0.0 went out two seconds before the first errors.',
    cause: 'recent_deploy',
    confidence: '0.61',
  })
  told(driver, run, 'queries', {
    finding: 'Migration 0014 added a NOT NULL column without a default. Inserts fail since.',
    cause: 'bad_migration',
    confidence: '94 %',
    evidence: 'ERROR: null value in column "embedding" of relation "documents" violates not-null constraint',
  })
  driver.advance(Math.max(0, Date.now() - driver.now))
}

/** As the points' own parts would answer it. */
export function previewOf(
  driver: Driver,
  { project, target, point, parts }: PreviewRequest,
): RollbackPreview {
  const record = driver.state.projects.get(project)
  if (record === undefined) return { ok: false, reason: `project ${project} is not registered` }
  const planned = rollbackPlan(record, target, point, { parts, move: MOVE })
  if (!planned.ok) return { ok: false, reason: planned.reason }
  const subjects = [
    'feat(DatabaseArchitect): add embeddings',
    'feat(BuildMaster): v2 search',
    'docs(BuildMaster): search',
  ]
  return {
    ok: true,
    plan: planned.plan,
    move: MOVE,
    facts: {
      commits: subjects.map((subject, i) => ({ commit: String(i).repeat(40), subject })) as never,
      uncommitted: 2,
      rows: { users: 2, orders: 41 },
      settings: ['.env'],
      unknown: [],
    },
  }
}

/** What an action of a rollback tells when it is over. */
export function toldBy(action: string): Readonly<Record<string, string>> {
  return action === 'verify' ? { verified: 'true', finding: 'shop answers as v1.9.4; 2 of 2 paths' } : {}
}
