import type { AgentExit, AgentSpec, Runner } from '../../main/engine/ports/runner.ts'

/** The command of an agent whose start is never answered: its run stays as it is. */
export const NEVER = 'never'

/** Agents that are over as soon as they have begun, in this process: what is left is the engine's own work. */
export function noopRunner(): Runner {
  const exit: AgentExit = { code: 0, oomKilled: false, finishedAt: Date.now(), error: null }
  return {
    kind: 'simulated',
    isolated: true,
    check: async () => ({ status: 'ready', version: 'no-op' }),
    prepareRun: async () => undefined,
    releaseRun: async () => undefined,
    resolveImage: async () => 'none',
    start: ({ attempt, command }: AgentSpec) =>
      command === NEVER
        ? new Promise(() => undefined)
        : Promise.resolve({
            attempt,
            handle: attempt,
            status: 'running',
            startedAt: Date.now(),
            exit: null,
          }),
    list: async () => [],
    find: async () => undefined,
    wait: async () => exit,
    stop: async () => undefined,
    pause: async () => undefined,
    resume: async () => undefined,
    remove: async () => undefined,
    output: async function* () {},
    input: async () => undefined,
    resize: async () => undefined,
    exec: async () => ({ code: 0, output: '' }),
    usage: async () => undefined,
    onReconnect: () => () => undefined,
    close: async () => undefined,
  }
}
