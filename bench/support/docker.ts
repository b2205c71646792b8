import type Docker from 'dockerode'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { ensureTestImage, TEST_IMAGE } from '../../main/runners/docker/testImage.ts'

export { TEST_IMAGE }

/** Why containers cannot be measured here, or null. Makes sure the image is there. */
export async function dockerTrouble(): Promise<string | null> {
  const { docker, close } = connectDocker()
  try {
    await docker.ping()
    await ensureTestImage(docker)
    return null
  } catch (error) {
    return `needs a Docker daemon and busybox-static (${(error as Error).message})`
  } finally {
    close()
  }
}

/** So many at once do a daemon of this age no harm; a hundred have been seen to wedge it. */
const REMOVALS_AT_ONCE = 8

/** Removes every container with this label (`name=value`), running or not. */
export async function removeContainers(label: string): Promise<void> {
  const { docker, close } = connectDocker()
  try {
    const left = await docker.listContainers({ all: true, filters: { label: [label] } })
    await atOnce(left.length, REMOVALS_AT_ONCE, async (i) => {
      await docker.getContainer(left[i]!.Id).remove({ force: true, v: true })
    })
  } finally {
    close()
  }
}

/** What one would write by hand for one container: create, start, wait, remove. */
export async function rawContainer(docker: Docker, options: Docker.ContainerCreateOptions): Promise<void> {
  const container = await docker.createContainer(options)
  await container.start()
  // After the start: a wait for the next exit that is sent before it hangs now and then.
  await container.wait({ condition: 'not-running' })
  await container.remove()
}

/** Calls `work` for 0 … count - 1, `concurrency` at a time. */
export async function atOnce(
  count: number,
  concurrency: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
