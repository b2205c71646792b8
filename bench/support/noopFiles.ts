import type { AgentFiles } from '../../main/engine/ports/agentFiles.ts'
import type { Workspaces } from '../../main/engine/ports/workspaces.ts'

/** Files of agents that leave none. */
export function noopFiles(): AgentFiles {
  return {
    prepareExchange: async () => '/nonexistent',
    wasStarted: async () => false,
    wasStartedAgain: async () => false,
    readOutputs: async () => ({ ok: true, outputs: {} }),
    removeExchange: async () => undefined,
    output: () => ({
      size: async () => 0,
      append: async () => undefined,
      read: async (offset) => ({ offset, data: new Uint8Array(0) }),
      changed: async () => undefined,
      close: async () => undefined,
    }),
  }
}

/** Workspaces of runs that need none. */
export function noWorkspaces(): Workspaces {
  const unused = async (): Promise<never> => {
    throw new Error('this benchmark uses no workspace')
  }
  return {
    prepareRun: unused,
    cut: unused,
    commit: unused,
    readFiles: unused,
    merge: unused,
    stack: unused,
    advance: unused,
    remove: async () => undefined,
    apply: unused,
    discard: unused,
    diff: unused,
    fileHistory: async () => [],
    handHistory: async () => [],
    list: async () => [],
    checkpoint: unused,
    watch: unused,
    setAside: unused,
    putBack: unused,
    missing: unused,
    publish: unused,
    putArtifact: unused,
    artifactPath: async () => undefined,
  }
}
