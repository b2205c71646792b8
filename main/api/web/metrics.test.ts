import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { projectId } from '../../domain/ids.ts'
import { Driver, PROJECT } from '../../domain/testing/driver.ts'
import { tasks } from '../../domain/testing/plan.ts'
import type { Vitals } from '../../engine/vitals.ts'
import { metricsToken } from './addMetrics.ts'
import { metricsText } from './metricsText.ts'
import type { WebServer } from './serveWeb.ts'
import { ask, enter, WebFixture } from './testing/webFixture.ts'

const VITALS: Vitals = {
  at: 1_000,
  host: { memoryUsed: 0.42, load: 1.5, diskFreeBytes: 5e9, reachable: { docker: true, process: false } },
  agents: [
    {
      attempt: 'r1/a#1' as never,
      project: PROJECT,
      role: 'Build "x"\\\n',
      quietMs: 1_500,
      cores: 0.5,
      memoryBytes: 9,
    },
  ],
  projects: [
    {
      project: projectId('p'),
      name: 'p',
      intervalMs: 30_000,
      windowMs: 900_000,
      figures: [
        {
          role: null,
          completionRate: 0.9,
          settled: 10,
          errorFrequency: 0.1,
          errors: 1,
          ended: 10,
          latency: { p50: 500, p95: 2_000 },
          started: 10,
          usage: { agents: 1, cores: 0.5, memoryBytes: 9 },
        },
      ],
      escalationRate: null,
      alarms: [],
      slots: { agents: 2, reason: 'memory', since: 1 },
      actions: [],
    },
  ],
}

function sample(): string {
  const driver = Driver.running(tasks(['a', 'b']))
  const spec = {
    name: 'nightly',
    title: 'n',
    cron: '@daily',
    timeZone: 'UTC',
    missed: 'skip',
    overlap: 'skip',
  } as const
  driver.must({
    type: 'report.schedules',
    project: PROJECT,
    source: 'file',
    at: 1,
    specs: [{ spec, next: 86_400_000 }],
    trouble: null,
  })
  return metricsText(VITALS, driver.state)
}

const PROMTOOL = '/usr/bin/promtool'
if (process.env['CI'] === 'true' && !existsSync(PROMTOOL))
  throw new Error(`not there: ${PROMTOOL}; apt-get install prometheus`)

describe('the figures as text', () => {
  test.skipIf(!existsSync(PROMTOOL))('promtool has nothing to say against them', () => {
    const said = execFileSync(PROMTOOL, ['check', 'metrics'], {
      input: sample(),
      encoding: 'utf8',
      stdio: 'pipe',
    })
    expect(said).toBe('')
  })

  test('hold the four of the seed and what belongs to them', () => {
    const text = sample()
    for (const line of [
      'agent_task_completion_rate{project="p",role=""} 0.9',
      'agent_error_frequency{project="p",role=""} 0.1',
      'agent_response_latency{project="p",role="",percentile="95"} 2',
      'agent_resource_usage{project="p",role="",resource="cpu"} 0.5',
      'agent_resource_usage{project="p",role="",resource="memory"} 9',
      'amphitheatre_agent_heartbeat_age_seconds{project="p",role="Build \\"x\\"\\\\\\n",agent="r1/a#1"} 1.5',
      'amphitheatre_disk_free_bytes 5000000000',
      'amphitheatre_runner_reachable{runner="process"} 0',
      'amphitheatre_runs{project="p",status="running"} 1',
      'amphitheatre_tasks{project="p",state="ASSIGNED"} 2',
      'amphitheatre_incidents{project="p",severity="P0"} 0',
      'amphitheatre_agents_limit{project="p"} 2',
      'amphitheatre_schedule_next_timestamp_seconds{project="p",schedule="nightly"} 86400',
    ])
      expect(text.split('\n')).toContain(line)
  })
})

describe('/metrics', () => {
  let fixture: WebFixture
  let server: WebServer
  beforeEach(async () => {
    fixture = new WebFixture()
    server = await fixture.serve()
  })
  afterEach(() => fixture.remove())
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  test('is for who has its token, kept for this user only', async () => {
    const token = metricsToken(fixture.dataDir)
    expect(statSync(join(fixture.dataDir, 'metrics.token')).mode & 0o777).toBe(0o600)
    const { status, headers, text } = await ask(server, '/metrics', bearer(token))
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('amphitheatre_host_memory_used_ratio 0.5')
  })

  test('nothing else opens it, and its token opens nothing else', async () => {
    const token = metricsToken(fixture.dataDir)
    const { cookie } = await enter(server)
    const serve = readFileSync(join(fixture.dataDir, 'serve.token'), 'utf8').trim()
    expect((await ask(server, '/metrics')).status).toBe(401)
    expect((await ask(server, '/metrics', { cookie })).status).toBe(401)
    expect((await ask(server, '/metrics', bearer(serve))).status).toBe(401)
    expect((await ask(server, `/metrics?token=${token}`)).status).toBe(401)
    expect((await ask(server, '/', bearer(token))).status).toBe(401)
    const from = { ...bearer(token), origin: 'http://evil.example' }
    expect((await ask(server, '/metrics', from)).status).toBe(403)
    expect((await ask(server, '/metrics', { ...bearer(token), host: 'evil.example' })).status).toBe(421)
    expect((await ask(server, '/metrics', bearer(token), 'POST')).status).toBeGreaterThanOrEqual(400)
  })
})
