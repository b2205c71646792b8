import type { Runner } from '../engine/ports/runner.ts'
import { asRunnerError, connectDocker } from '../runners/docker/client.ts'
import { resolveImage } from '../runners/docker/images.ts'
import { plannerOf } from './planner.ts'
import { createTargetRunner } from './runner.ts'

export interface TargetOptions {
  readonly install: string
  readonly dataDir: string
  /** The daemon's socket; default: `DOCKER_HOST`, or the usual place. */
  readonly socketPath?: string
  /** Who containers that belong to nobody run as; not root. */
  readonly uid: number
  readonly gid: number
}

/** Everything that acts on targets, wired. */
export function createTargets(options: TargetOptions): Runner {
  const { docker, close } = connectDocker(options.socketPath)
  return createTargetRunner({
    dataDir: options.dataDir,
    planner: plannerOf({}),
    resolveImage: async (image, root, onProgress) => {
      try {
        return await resolveImage(docker, image, root, onProgress)
      } catch (error) {
        throw asRunnerError(error, 'prepare the image')
      }
    },
    close,
  })
}
