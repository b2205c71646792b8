import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { matchesGlob } from '../../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../../domain/locks/glob/parseGlob.ts'
import { RunnerError } from '../../engine/ports/runner.ts'

const MOST_BYTES = 64 * 1024
const MOST_RULES = 1_000
const REMEDY = 'Let .dockerignore be a file of its own in that folder, with a few lines.'

/**
 * Which paths a folder's `.dockerignore` leaves out: the last rule that matches decides, as Docker has it; the Dockerfile
 * and the rules themselves always travel. An agent may have written it, so it is matched in time that grows with its
 * length and not by a regular expression. Throws RunnerError where it is none, or too long.
 */
export async function ignoreRules(folder: string): Promise<(path: string) => boolean> {
  const file = join(folder, '.dockerignore')
  const info = await lstat(file).catch(() => undefined)
  // A link leads anywhere, a pipe never ends; without its rules, what must not be sent would be.
  if (info !== undefined && !(info.isFile() && info.size <= MOST_BYTES))
    throw new RunnerError('refused', 'The .dockerignore of the image is a link, or too large.', REMEDY)
  const lines = (info === undefined ? '' : await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length > MOST_RULES)
    throw new RunnerError(
      'refused',
      `The .dockerignore of the image has more than ${MOST_RULES} rules.`,
      REMEDY,
    )
  const rules = lines.map((line) => ({ keep: line.startsWith('!'), glob: globOf(line) }))
  return (path) => {
    if (path === 'Dockerfile' || path === '.dockerignore') return false
    return rules.findLast(({ glob }) => matchesGlob(glob, path))?.keep === false
  }
}

/** A rule names a file, or a folder with all that is in it. Braces and groups mean nothing to Docker. */
function globOf(line: string) {
  const pattern = line
    .replace(/^!/, '')
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .replace(/[{}()|]/g, '\\$&')
  return parseGlob(`${pattern}/**`)
}
