import { describe, expect, it } from 'vitest'
import { DEFAULT_HEALTH } from '../domain/health/policy.ts'
import { planFor } from './planFor.ts'
import { fixture, load, problemsOf, withTask } from './testing.ts'

const project = (block: string) => load(`${withTask('writes: [src]')}${block}`)

describe('health_checks', () => {
  it('of the seed are acted on as they stand', () => {
    const { health, limits } = project(fixture('health-checks.yaml'))
    const thresholds = DEFAULT_HEALTH.thresholds
    expect(health).toEqual({ ...DEFAULT_HEALTH, intervalMs: 30_000, thresholds })
    expect(limits.stuckAfterMs).toBe(300_000)
  })

  it('without any the same holds, and every run has it along', () => {
    expect(project('').health).toEqual(DEFAULT_HEALTH)
    expect(planFor(project(''), 'ship')!.health).toEqual(DEFAULT_HEALTH)
  })

  it('may say otherwise', () => {
    const { health, limits } = project(`health_checks:
  interval: 10s
  window: 5 minutes
  metrics: [agent_error_frequency]
  thresholds:
    host_disk_free: {bad: 5GiB, well: 8GiB}
    agent_error_frequency: {bad: 0.3, well: 0.1, rounds: 1}
  auto_recovery:
    - stuck_agent: restart after 90 s
    - failed_agent: "off"
    - resource_exhaustion: "off"
    - flapping_agent: pause after 3 restarts in 1 hour
`)
    expect(health).toMatchObject({
      intervalMs: 10_000,
      windowMs: 300_000,
      fewerAgents: false,
      otherAgent: false,
      flapping: { times: 3, withinMs: 3_600_000 },
    })
    expect(health.thresholds.map(({ measure }) => measure)).not.toContain('agent_response_latency')
    expect(health.thresholds).toContainEqual(
      expect.objectContaining({ measure: 'host_disk_free', limit: 5 * 1024 ** 3, wellAt: 8 * 1024 ** 3 }),
    )
    expect(health.thresholds).toContainEqual(
      expect.objectContaining({ measure: 'agent_error_frequency', limit: 0.3, wellAt: 0.1, rounds: 1 }),
    )
    expect(limits.stuckAfterMs).toBe(90_000)
  })

  it('what limits say of the stuck counts more', () => {
    const text =
      'limits: {stuck_after: 1 min}\nhealth_checks: {auto_recovery: [{stuck_agent: restart after 5 min timeout}]}\n'
    expect(project(text).limits.stuckAfterMs).toBe(60_000)
  })

  it.each([
    ['metrics: [agent_eror_frequency]', 'did you mean "agent_error_frequency"'],
    ['auto_recovery: [{stuck_agent: kill it}]', 'write for example "restart after 5 min timeout"'],
    [
      'auto_recovery: [{flapping_agent: pause after 1 restarts in 1 min}]',
      'pause after 5 restarts in 10 min',
    ],
    ['thresholds: {host_memory_used: {bad: 95, well: 80}}', '95 is no limit of host_memory_used'],
    ['thresholds: {host_disk_free: {bad: 5, well: 8}}', 'write for example "2GiB"'],
    ['thresholds: {host_memory_used: {bad: 0.9}}', '"well" is missing'],
  ])('%s is told what is wrong', (block, problem) => {
    expect(problemsOf(`${withTask('writes: [src]')}health_checks: {${block}}\n`).join('\n')).toContain(
      problem,
    )
  })
})
