import type Docker from 'dockerode'
import { asRunnerError, call, statusOf } from '../runners/docker/client.ts'
import { keepImage as keepTag, unkeepImage } from '../targets/docker/image.ts'

/**
 * Local images have no digest to pull them by: the id is all there is, and a prune takes what nothing refers to. A tag
 * and a container that never runs, one for each image that a point names, keep them.
 */
const LABEL = 'amphitheatre.keep'
const INSTALL = 'amphitheatre.install'

export interface ImageKeep {
  readonly docker: Docker
  readonly install: string
}

const short = (image: string): string => image.replace(/^sha256:/, '').slice(0, 24)
const nameFor = ({ install }: ImageKeep, image: string): string => `amphi-keep-${install}-${short(image)}`

/** Idempotent. False where the image is not there (any more). */
export async function keepImage(keep: ImageKeep, image: string): Promise<boolean> {
  const { docker, install } = keep
  try {
    await keepTag(docker, image)
    await call((abortSignal) =>
      docker.createContainer({
        name: nameFor(keep, image),
        Image: image,
        // It is never started; an image without a command of its own would be refused.
        Cmd: ['true'],
        Labels: { [INSTALL]: install, [LABEL]: image },
        HostConfig: { NetworkMode: 'none' },
        abortSignal,
      }),
    )
    return true
  } catch (error) {
    if (statusOf(error) === 409) return true
    if (statusOf(error) === 404 || statusOf((error as Error).cause) === 404) return false
    throw asRunnerError(error, `keep the image ${image}`)
  }
}

/** Lets go of all images but those wanted just then; null: no more are let go. Resolves to how many it let go. */
export async function releaseImages(
  keep: ImageKeep,
  wanted: () => readonly string[] | null,
): Promise<number> {
  const { docker, install } = keep
  const filters = JSON.stringify({ label: [`${INSTALL}=${install}`, LABEL] })
  let gone = 0
  try {
    for (const found of await call((abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    )) {
      const image = found.Labels[LABEL]!
      const kept = wanted()
      if (kept === null) break
      if (kept.includes(image)) continue
      await call(() => docker.getContainer(found.Id).remove({ force: true, v: true })).catch(ignoreGone)
      await unkeepImage(docker, image)
      gone++
    }
  } catch (error) {
    throw asRunnerError(error, 'let images go that no point needs')
  }
  return gone
}

function ignoreGone(error: unknown): void {
  const status = statusOf(error)
  if (status !== 404 && status !== 409) throw error
}
