import type { RunnerHealth } from './engine/ports/runner.ts'

/** What of this machine can be looked at and mended without an engine: for `amphi doctor`. */

export type AgentImage =
  | { readonly present: true; readonly name: string; readonly bytes: number }
  | { readonly present: false; readonly name: string }

/** Can Docker be used? Never throws. */
export async function dockerHealth(): Promise<RunnerHealth> {
  const { createDockerRunner } = await import('./runners/docker/runner.ts')
  const runner = createDockerRunner({ install: 'doctor', uid: 1000, gid: 1000 })
  try {
    return await runner.check()
  } finally {
    await runner.close()
  }
}

/** Is the agents' image there? Throws when Docker does not answer. */
export async function agentImage(): Promise<AgentImage> {
  const { AGENT_IMAGE: name } = await import('./runners/docker/agentImage.ts')
  const { connectDocker, statusOf } = await import('./runners/docker/client.ts')
  const { docker, close } = connectDocker()
  try {
    const { Size } = await docker.getImage(name).inspect()
    return { present: true, name, bytes: Size }
  } catch (error) {
    if (statusOf(error) === 404) return { present: false, name }
    throw error
  } finally {
    close()
  }
}

export async function buildAgentImage(onProgress: (line: string) => void): Promise<void> {
  const { ensureDefaultImage } = await import('./runners/docker/ensureDefaultImage.ts')
  await ensureDefaultImage(onProgress)
}
