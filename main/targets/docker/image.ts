import type { ReleaseSource } from '../../domain/targets/target.ts'
import { asRunnerError, call, statusOf } from '../../runners/docker/client.ts'
import { resolveImage } from '../../runners/docker/images.ts'
import type { ActionSpec } from '../actions.ts'
import { type StepContext, StepError } from '../step.ts'
import type { DockerTools } from './place.ts'

/** Images that releases were made of. A tag keeps each from being pruned away; local images have no digest to go by. */
export const KEEP = 'amphitheatre/keep'

export interface ReleaseImage {
  /** `sha256:…`, what containers are made from: no tag that moves changes a release. */
  readonly id: string
  /** What was asked for, for people. */
  readonly ref: string
  /** The tag, or the commit it was built from. */
  readonly version: string
}

/** Finds, pulls or builds it, and keeps it. */
export async function releaseImage(
  { docker }: DockerTools,
  spec: ActionSpec,
  from: ReleaseSource,
  { say, signal }: Pick<StepContext, 'say' | 'signal'>,
): Promise<ReleaseImage> {
  const ref = await found(docker, spec, from, say, signal)
  const { Id: id } = await inspect(docker, ref)
  await keepImage(docker, id)
  return { id, ref: 'image' in from ? from.image : ref, version: versionOf(spec, from) }
}

async function found(
  docker: DockerTools['docker'],
  spec: ActionSpec,
  from: ReleaseSource,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  if ('image' in from) return resolveImage(docker, { ref: from.image }, '/', say)
  if (spec.workspace === null) {
    const remedy = 'Leave out "workspace: none" where an image is built.'
    throw new StepError('There is no code to build an image of.', remedy)
  }
  // The clone is nobody's any more to write, and links in it are packed as links.
  const { resources, network } = spec
  return resolveImage(docker, { build: from.build }, spec.workspace, say, { resources, network, signal })
}

async function inspect(docker: DockerTools['docker'], ref: string): Promise<{ readonly Id: string }> {
  try {
    return await call(() => docker.getImage(ref).inspect())
  } catch (error) {
    throw asRunnerError(error, `look at the image ${ref}`)
  }
}

/** Idempotent. */
export async function keepImage(docker: DockerTools['docker'], id: string): Promise<void> {
  const tag = id.replace(/^sha256:/, '')
  try {
    await call((abortSignal) => docker.getImage(id).tag({ repo: KEEP, tag, abortSignal }))
  } catch (error) {
    throw asRunnerError(error, `keep the image ${id}`)
  }
}

/** Takes the tag away; the image goes with it where nothing else refers to it. */
export async function unkeepImage(docker: DockerTools['docker'], id: string): Promise<void> {
  const name = `${KEEP}:${id.replace(/^sha256:/, '')}`
  try {
    await call((abortSignal) => docker.getImage(name).remove({ noprune: false, abortSignal }))
  } catch (error) {
    // 409: a container is made from it.
    const status = statusOf(error)
    if (status !== 404 && status !== 409) throw asRunnerError(error, `let go of the image ${id}`)
  }
}

function versionOf({ action }: ActionSpec, from: ReleaseSource): string {
  const named = action.action.do === 'deploy' ? action.action.version : ''
  if (named !== '') return named
  if ('build' in from) return action.commit?.slice(0, 12) ?? 'unknown'
  const name = from.image.slice(from.image.lastIndexOf('/') + 1)
  return name.includes(':') ? name.slice(name.indexOf(':') + 1) : name
}
