import { ensureDefaultImage } from '../main/runners/docker/ensureDefaultImage.ts'
import { createDockerRunner } from '../main/runners/docker/runner.ts'

export type DockerProbe =
  | { readonly usable: true; readonly version: string }
  | { readonly usable: false; readonly reason: string; readonly remedy: string }

/** Is there a Docker engine, and can the agent image be had? Builds the image when it is missing (about a minute). */
export async function probeDocker(onProgress: (line: string) => void): Promise<DockerProbe> {
  const runner = createDockerRunner({ install: 'probe', uid: 1000, gid: 1000 })
  try {
    const health = await runner.check()
    if (health.status !== 'ready') return { usable: false, reason: health.reason, remedy: health.remedy }
    await ensureDefaultImage(onProgress)
    return { usable: true, version: health.version }
  } catch (error) {
    return { usable: false, reason: (error as Error).message, remedy: 'See amphi doctor.' }
  } finally {
    await runner.close()
  }
}
