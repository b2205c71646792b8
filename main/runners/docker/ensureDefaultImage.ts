import { ensureAgentImage } from './agentImage.ts'
import { connectDocker } from './client.ts'

/** Makes sure that the agent image of this version is there, without an engine. */
export async function ensureDefaultImage(onProgress: (line: string) => void): Promise<void> {
  const { docker, close } = connectDocker(undefined)
  try {
    await ensureAgentImage(docker, onProgress)
  } finally {
    close()
  }
}
