import { NO_HEALTH } from '../../../main/domain/health/health.ts'
import { type RunId, taskId } from '../../../main/domain/ids.ts'
import type { ReleasedAt } from '../../../main/domain/targets/target.ts'
import type { Driver } from '../../../main/domain/testing/driver.ts'
import { PROJECT } from '../../../main/domain/testing/driver.ts'
import {
  addPoint,
  change,
  project,
  release,
  targetSpec,
  withTarget,
} from '../../../main/domain/testing/targets.ts'
import type { Requests, SeriesPoint, TargetSight, Vitals } from '../../../preload/contract.ts'

const MINUTE = 60_000

/** Two releases to one target, the second after a migration and not well; a point pinned, tested, one that is bad. */
export function playReleases(driver: Driver): void {
  const start = driver.now
  const step = (minutes: number): void => driver.advance(minutes * MINUTE)
  driver.now = start - 26 * 60 * MINUTE
  const spec = targetSpec('staging', { title: 'staging', gates: ['release'] })
  withTarget(driver, { spec, current: null, state: 'unknown' })
  withTarget(driver, {
    spec: targetSpec('production', { title: 'production' }),
    current: null,
    state: 'unknown',
  })
  const history: ReleasedAt[] = []
  const released = (version: string, before: string, verified: boolean): void => {
    history.unshift({
      release: release(version, version.padEnd(40, 'a')),
      by: `run${history.length + 1}/deploy#1`,
      at: driver.now,
      before,
      verified,
    })
    withTarget(driver, {
      spec,
      current: history[0]!,
      history: [...history],
      state: verified ? 'healthy' : 'unhealthy',
      reason: verified ? null : '/orders answered 500 three times; v2.0 was left where it is',
    })
  }
  const of = (version: string, rows: number, schema: string) => ({
    target: 'staging',
    release: version === '' ? null : release(version),
    git: {
      branch: 'main',
      commit: (version === '' ? 'b' : version.slice(1).replace('.', '')).padEnd(40, 'c'),
    },
    database: {
      kind: 'postgres' as const,
      name: 'shop',
      hash: 'h',
      bytes: 380e6,
      rows: { 'public.orders': rows, 'public.users': 2 },
      schemaVersion: schema,
    },
    bytes: 381e6,
  })
  const first = addPoint(driver, 'run1/deploy#1', of('', 0, 'a1b2c3'))
  released('v1.9', first.id, true)
  step(60)
  addPoint(driver, 'run2/apply', { target: null, why: 'apply', release: null, database: null, bytes: 4_200 })
  step(240)
  const hand = addPoint(driver, 'run3/save#1', {
    ...of('v1.9', 1_204, 'a1b2c3'),
    why: 'hand',
    name: 'before the fair',
  })
  driver.must({ type: 'point.pin', project: PROJECT, point: hand.id })
  step(900)
  const last = addPoint(driver, 'run4/migrate#1', { ...of('v1.9', 41_377, 'a1b2c3'), why: 'migrate' })
  change(driver, (one) => ({
    ...one,
    points: one.points.map((point) =>
      point.id === hand.id
        ? {
            ...point,
            good: true,
            tested: { at: driver.now, ok: true, detail: '2 tables as they were', ms: 8_200 },
            copiedTo: 'backup:shop',
          }
        : point.id === last.id
          ? { ...point, good: true, copyTrouble: 'rclone: the remote “backup” is not known' }
          : point.id === first.id
            ? { ...point, tested: { at: driver.now, ok: false, detail: 'the dump is cut', ms: 40 } }
            : point,
    ),
    deeds: [
      ...one.deeds,
      {
        kind: 'migrate',
        target: 'staging',
        run: 'run4' as RunId,
        task: taskId('migrate'),
        attempt: 1,
        at: driver.now + MINUTE,
        text: '0014_add_pgvector',
      },
    ],
  }))
  step(2)
  const before = addPoint(driver, 'run4/deploy#1', {
    ...of('v1.9', 41_380, 'd4e5f6'),
    environment: { '.env': 'other' },
  })
  step(1)
  released('v2.0', before.id, false)
  change(driver, (one) => ({
    ...one,
    deeds: [
      ...one.deeds,
      {
        kind: 'irreversible',
        target: 'staging',
        run: 'run4' as RunId,
        task: taskId('mail'),
        attempt: 1,
        at: driver.now + MINUTE,
        text: 'mails every customer',
      },
    ],
    health: {
      ...NO_HEALTH,
      alarms: {
        host_memory_used: {
          measure: 'host_memory_used',
          role: null,
          value: 0.96,
          limit: 0.95,
          since: start - 4 * MINUTE,
        },
      },
      slots: { agents: 2, reason: 'memory is 96 % full', since: start - 3 * MINUTE },
      actions: [
        { at: start - 3 * MINUTE, action: 'fewer-agents', reason: 'memory is 96 % full' },
        { at: start - 2 * MINUTE, action: 'paused', reason: 'flaky was restarted 5 times in 10 m' },
      ],
    },
    schedules: {
      trouble: {},
      items: {
        nightly: {
          spec: {
            name: 'nightly',
            title: 'Nightly backup',
            cron: '30 3 * * *',
            timeZone: 'Europe/Vienna',
            missed: 'run',
            overlap: 'skip',
          },
          source: 'file',
          handled: start,
          next: start + 400 * MINUTE,
          waiting: null,
          last: { due: start - 1_000 * MINUTE, run: 'run1', skipped: null },
        },
        audit: {
          spec: {
            name: 'audit',
            title: 'Weekly audit',
            cron: '0 9 * * 1',
            timeZone: 'UTC',
            missed: 'ask',
            overlap: 'skip',
          },
          source: 'file',
          handled: start,
          next: start + 4_000 * MINUTE,
          waiting: {
            due: start - 60 * MINUTE,
            on: 'ask',
            detail: 'it was due while the program was off',
            remedy: 'Run it now, or leave it out',
          },
          last: null,
        },
      },
    },
  }))
  driver.now = Math.max(driver.now, start)
}

export function sightOf(driver: Driver, { target }: Requests['targetSight']['args']): TargetSight | null {
  const known = project(driver).targets[target]
  if (known === undefined) return null
  if (known.current === null)
    return {
      address: 'http://127.0.0.1:8081',
      healthy: null,
      words: 'nothing is released there',
      version: null,
      parts: [],
    }
  return {
    address: 'http://127.0.0.1:8080',
    healthy: false,
    words: '/ answered 500',
    version: known.current.release.version,
    parts: [
      { name: 'a', part: 'proxy', state: 'running', version: null, colour: null },
      { name: 'b', part: 'service', state: 'running', version: 'v2.0', colour: 'green' },
      { name: 'c', part: 'service', state: 'exited', version: 'v1.9', colour: 'blue' },
      { name: 'd', part: 'database', state: 'running', version: null, colour: null },
    ],
    aside: [
      {
        name: 'shop_since_1435',
        bytes: 412e6,
        at: driver.now - 180 * MINUTE,
        completes: 'p3',
        outdated: false,
      },
      {
        name: 'shop_since_0910',
        bytes: 398e6,
        at: driver.now - 9 * 24 * 60 * MINUTE,
        completes: null,
        outdated: true,
      },
    ],
  }
}

export function vitalsOf(driver: Driver): Vitals {
  const usage = { agents: 3, cores: 2.4, memoryBytes: 1.2e9 }
  const figures = { settled: 40, errors: 2, ended: 41, started: 41, usage, latency: { p50: 800, p95: 4_200 } }
  const { alarms, slots, actions } = project(driver).health
  const agents = [...driver.state.runs.values()].flatMap((run) =>
    run.plan.tasks.flatMap(({ id }, i) => {
      const current = run.tasks.get(i)!.current
      return current?.state === 'RUNNING'
        ? [
            {
              attempt: `${run.id}/${id}#${current.n}` as never,
              project: run.project,
              role: current.role,
              quietMs: i * 31_000,
              cores: 0.4 + i / 10,
              memoryBytes: 210e6,
            },
          ]
        : []
    }),
  )
  return {
    at: driver.now - (driver.now % 30_000),
    projects: [
      {
        project: PROJECT,
        name: 'bookshelf',
        intervalMs: 30_000,
        windowMs: 900_000,
        figures: [
          { ...figures, role: null, completionRate: 0.95, errorFrequency: 0.05 },
          { ...figures, role: 'BuildMaster', completionRate: 1, errorFrequency: 0 },
          { ...figures, role: 'TestGuardian', completionRate: 0.9, errorFrequency: 0.1 },
        ],
        escalationRate: 0.05,
        alarms: Object.values(alarms),
        slots,
        actions,
      },
    ],
    agents,
    host: { memoryUsed: 0.96, load: 1.4, diskFreeBytes: 61e9, reachable: { docker: true, process: true } },
  }
}

const HEIGHTS: Readonly<Record<string, number>> = {
  agent_response_latency: 9_000,
  agent_resource_usage_cores: 4,
  host_load: 3,
  host_disk_free: 66e9,
}

/** Something that goes up and down, with a gap where nobody looked. */
export function seriesOf(driver: Driver, query: Requests['series']['args']): readonly SeriesPoint[] {
  const most = HEIGHTS[query.measure] ?? 1
  const to = driver.now
  const found: SeriesPoint[] = []
  for (let at = query.from ?? to - 60 * MINUTE; at <= to; at += 30_000) {
    const n = at / 30_000
    const value = most * (0.72 + 0.18 * Math.sin(n / 17) + 0.08 * Math.sin(n / 3))
    if (Math.floor(n) % 60 < 48)
      found.push({ at, project: query.project, measure: query.measure, role: null, value })
  }
  return found
}
