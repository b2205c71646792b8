import type { Runner } from '../../main/engine/ports/runner.ts'
import { noopRunner } from './noopRunner.ts'

/** The command of an agent that works, quietly, for as long as the host is there. */
export const LASTS = 'lasts'

/** As the no-op runner, but agents with that command run on and can be paused. */
export function idleRunner(): Runner {
  const noop = noopRunner()
  const lasting = new Set<string>()
  return {
    ...noop,
    start: async (spec) => {
      if (spec.command !== LASTS) return noop.start(spec)
      lasting.add(spec.attempt)
      return {
        attempt: spec.attempt,
        handle: spec.attempt,
        status: 'running',
        startedAt: Date.now(),
        exit: null,
      }
    },
    wait: (attempt, signal) =>
      lasting.has(attempt) ? new Promise(() => undefined) : noop.wait(attempt, signal),
    usage: async (attempt) => (lasting.has(attempt) ? { cpuMs: 0, memoryBytes: 1 << 20 } : undefined),
  }
}
