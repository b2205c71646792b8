import type { ImageSpec } from '../domain/project.ts'
import type { Runner } from './ports/runner.ts'

/** Images found or being built, by runner: tasks that start together wait for one build, later ones ask no more. */
const known = new WeakMap<Runner, Map<string, Promise<string>>>()

export function resolveImage(
  runner: Runner,
  image: ImageSpec,
  root: string,
  log: (line: string) => void,
): Promise<string> {
  const images = known.get(runner) ?? new Map<string, Promise<string>>()
  known.set(runner, images)
  const key = 'ref' in image ? image.ref : `${root}\0${image.build}`
  const found = images.get(key)
  if (found !== undefined) return found
  const resolving = runner.resolveImage(image, root, log)
  images.set(key, resolving)
  const forget = (): unknown => images.delete(key)
  // A folder may change between two runs; its content names the image, so looking again is cheap.
  resolving.then('ref' in image ? undefined : forget, forget)
  return resolving
}

/** After a failed start: the image may be gone, or its folder changed. */
export function forgetImages(runner: Runner): void {
  known.delete(runner)
}
