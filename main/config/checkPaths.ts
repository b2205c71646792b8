import { existsSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { asList, asMap, asText, type EpicDraft } from './drafts.ts'
import { globFault, pathFault, staticPrefix } from './globs.ts'
import type { Path, Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** What the paths of a project meet on the disk: links that lead out of the repository, images without a folder. */
export function checkPaths(
  file: unknown,
  epics: readonly EpicDraft[],
  source: Source,
  root: string,
): readonly Problem[] {
  const home = resolved(root)
  if (home === undefined) return []
  const problems: Problem[] = []
  const images: (readonly [unknown, Path])[] = [[asMap(file)?.image, ['image']]]
  const agents = asMap(file)?.agents
  for (const [key, agent] of Object.entries(agents ?? {})) {
    const step = Array.isArray(agents) ? Number(key) : key
    images.push([asMap(agent)?.image, ['agents', step, 'image']])
  }
  for (const { epic, task } of epics.flatMap((epic) => epic.tasks.map((task) => ({ epic, task })))) {
    if (!isMade(task.raw, epic)) images.push([task.raw.image, [...task.path, 'image']])
    for (const key of ['reads', 'writes'] as const) {
      asList(task.raw[key]).forEach((glob, i) => {
        if (typeof glob !== 'string' || globFault(glob) !== undefined) return
        const link = wayOut(home, staticPrefix(glob))
        if (link !== undefined) problems.push(source.problem([...task.path, key, i], linkMessage(glob, link)))
      })
    }
  }
  for (const [image, path] of images) {
    const message = imageFault(home, asText(asMap(image)?.build))
    if (message !== undefined) problems.push(source.problem([...path, 'build'], message))
  }
  return problems
}

/** What is deployed may be built of a folder that another task of the run makes. */
function isMade({ kind, image }: Readonly<Record<string, unknown>>, epic: EpicDraft): boolean {
  const build = asText(asMap(image)?.build)
  if (kind !== 'deploy' || build === undefined) return false
  const folder = `${build.replace(/^\.\//, '').replace(/\/$/, '')}/`
  return epic.tasks.some(({ raw }) =>
    asList(raw.writes).some(
      (glob) => typeof glob === 'string' && `${staticPrefix(glob)}/`.startsWith(folder),
    ),
  )
}

function imageFault(home: string, build: string | undefined): string | undefined {
  if (build === undefined || pathFault(build) !== undefined) return undefined
  const link = wayOut(home, build)
  if (link !== undefined) return linkMessage(build, link)
  if (statSync(join(home, build), { throwIfNoEntry: false })?.isDirectory() !== true) {
    return `there is no folder "${build}" in the repository`
  }
  return existsSync(join(home, build, 'Dockerfile'))
    ? undefined
    : `there is no Dockerfile in the folder "${build}"`
}

function linkMessage(path: string, link: string): string {
  return `"${path}" leaves the repository through the symbolic link "${link}"`
}

/** The first step of a path at which it leaves `home`, or undefined. What does not exist yet leads nowhere. */
function wayOut(home: string, path: string): string | undefined {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  for (let n = 1; n <= steps.length; n++) {
    const real = resolved(join(home, ...steps.slice(0, n)))
    if (real === undefined) return undefined
    if (real !== home && !real.startsWith(home.endsWith(sep) ? home : home + sep))
      return steps.slice(0, n).join('/')
  }
  return undefined
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
