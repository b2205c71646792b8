import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type Docker from 'dockerode'
import type { ImageSpec } from '../../domain/project.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { AGENT_IMAGE } from './agentImage.ts'
import { type BuildTerms, buildFolder, isPresent } from './build.ts'
import { asRunnerError, isConnectionError } from './client.ts'
import { ensurePostgresImage, POSTGRES_IMAGE } from './postgresImage.ts'
import { followProgress } from './progress.ts'

/**
 * Makes sure an image is there and answers what a container is created from. The own images are never pulled (someone
 * else's could stand under the names): that with PostgreSQL is built; others are. A folder is built under the hash of its contents,
 * so an unchanged one is built once; `terms` hold what it may have.
 */
export async function resolveImage(
  docker: Docker,
  image: ImageSpec,
  projectRoot: string,
  onProgress: (line: string) => void,
  terms: BuildTerms = {},
): Promise<string> {
  if ('build' in image) {
    const folder = await folderInside(image.build, projectRoot)
    return await buildFolder(docker, { folder, path: image.build }, onProgress, terms)
  }
  if (await isPresent(docker, image.ref)) return image.ref
  if (withTag(image.ref) === AGENT_IMAGE) throw noAgentImage()
  if (withTag(image.ref) === POSTGRES_IMAGE) {
    await ensurePostgresImage(docker, onProgress)
    return image.ref
  }
  await pull(docker, image.ref, onProgress)
  return image.ref
}

/** For a container that was to be made from an image that is not there (any more). */
export function noImageError(ref: string, cause: unknown): RunnerError {
  if (withTag(ref) === AGENT_IMAGE) return noAgentImage()
  const remedy = `Pull it (\`docker pull ${ref}\`), or correct the image in amphitheatre.yaml.`
  return new RunnerError('refused', `There is no image ${ref} on this machine.`, remedy, { cause })
}

function noAgentImage(): RunnerError {
  const remedy =
    'Build it with `npm run image` (about a minute, no registry needed); `amphi doctor` checks it.'
  return new RunnerError('refused', `The agent image ${AGENT_IMAGE} is not on this machine.`, remedy)
}

async function pull(docker: Docker, ref: string, onProgress: (line: string) => void): Promise<void> {
  const doing = `pull ${ref}`
  const remedy = 'Check the name and the network, or load the image by hand (`docker load`).'
  onProgress(`Pulling ${ref}`)
  try {
    // Without a tag Docker would pull every tag there is.
    await followProgress(await docker.pull(withTag(ref)), doing, remedy, onProgress)
  } catch (error) {
    if (error instanceof RunnerError || isConnectionError(error)) throw error
    const { message } = asRunnerError(error, doing)
    throw new RunnerError('refused', message, remedy, { cause: error })
  }
}

/** The folder's real path; refuses one that leaves the project, by `..` or by a link. */
async function folderInside(path: string, projectRoot: string): Promise<string> {
  const root = await realpath(projectRoot)
  const remedy = 'Give `build` a folder of the project, relative to its root.'
  const folder = await realpath(join(root, path)).catch((cause) => {
    throw new RunnerError('refused', `The image folder ${path} does not exist.`, remedy, { cause })
  })
  const inside = relative(root, folder)
  if (isAbsolute(path) || isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
    throw new RunnerError('refused', `The image folder ${path} is outside of the project.`, remedy)
  }
  return folder
}

/** `name` to `name:latest`; names with a tag or digest stay as they are. */
function withTag(ref: string): string {
  const name = ref.slice(ref.lastIndexOf('/') + 1)
  return name.includes(':') || name.includes('@') ? ref : `${ref}:latest`
}
