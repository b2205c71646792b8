import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './testing.ts'

const text = 'version: 1\nlimits: {max_concurrent_agents: 2, max_runtime: 1 minute}\nrunner: docker'

describe('the environment', () => {
  it('overrides limits, runner and image', () => {
    const project = load(text, {
      AMPHITHEATRE_MAX_CONCURRENT_AGENTS: '8',
      AMPHITHEATRE_MAX_AGENTS_PER_FILE: '2',
      AMPHITHEATRE_MAX_RUNTIME: '2 hours',
      AMPHITHEATRE_STUCK_AFTER: '1m',
      AMPHITHEATRE_ESCALATE_P0_AFTER: '30 min',
      AMPHITHEATRE_STOP_GRACE: '500ms',
      AMPHITHEATRE_RUNNER: 'process',
      AMPHITHEATRE_IMAGE: 'registry.local:5000/agent:2',
    })
    expect(project.limits).toEqual({
      maxConcurrentAgents: 8,
      maxAgentsPerFile: 2,
      maxRuntimeMs: 7_200_000,
      stuckAfterMs: 60_000,
      p0EscalateMs: 1_800_000,
      stopGraceMs: 500,
    })
    expect(project).toMatchObject({ runner: 'process', image: { ref: 'registry.local:5000/agent:2' } })
  })

  it.each([
    [{ MAX_CONCURRENT_AGENTS: '20' }, 20],
    [{ MAX_CONCURRENT_AGENTS: '20', AMPHITHEATRE_MAX_CONCURRENT_AGENTS: '3' }, 3],
    [{ AMPHITHEATRE_MAX_CONCURRENT_AGENTS: '' }, 2],
    [{}, 2],
  ])('%j', (env, agents) => {
    expect(load(text, env).limits.maxConcurrentAgents).toBe(agents)
  })

  it.each([
    ['MAX_CONCURRENT_AGENTS', 'many', '"many" cannot be used: it must be a number, not text'],
    ['AMPHITHEATRE_MAX_CONCURRENT_AGENTS', '1.5', '"1.5" cannot be used: it must be a whole number, not 1.5'],
    ['AMPHITHEATRE_MAX_AGENTS_PER_FILE', '0', '"0" cannot be used: it must be at least 1'],
    ['AMPHITHEATRE_MAX_RUNTIME', '600', '"600" does not say its unit: write "600 seconds" or "600 minutes"'],
    [
      'AMPHITHEATRE_STUCK_AFTER',
      '5 mintes',
      '"5 mintes" has an unknown unit "mintes" (did you mean "minutes"?)',
    ],
    [
      'AMPHITHEATRE_RUNNER',
      'dcoker',
      'it must be one of auto, docker, process, not "dcoker" (did you mean "docker"?)',
    ],
    [
      'AMPHITHEATRE_IMAGE',
      'a b',
      '"a b" is not an image reference: write for example "amphitheatre/agent:1"',
    ],
  ])('refuses %s=%s', (name, value, message) => {
    expect(problemsOf(text, { [name]: value })).toEqual([`environment: ${name}: ${message}`])
  })
})
