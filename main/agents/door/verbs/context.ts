import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ChecklistStepId } from '../../../domain/talk/checklist.ts'
import { Refused } from '../call.ts'
import { answer } from '../door.ts'
import { DOOR_LIMITS } from '../limits.ts'
import { pathProblem } from '../safePath.ts'
import { type Verb, verb } from './verb.ts'

const MOST_FILES = 2_000
const MOST_LEVELS = 8

export const CONTEXT_VERBS: Readonly<Record<string, Verb>> = {
  context: verb({
    about: 'Lists the files of the project’s context, or gives the text of one of them (path).',
    args: z.strictObject({ path: z.string().optional() }),
    changes: false,
    run: async (call, { path }) => {
      const { context } = call.door
      if (path === undefined) return answer({ files: await listFiles(context) })
      const text = await readText(context, path)
      const step = stepOf(path)
      if (step !== undefined) await call.check(step)
      return answer({ path, text })
    },
  }),
}

/** What of the start-up check-list an agent does that reads this file. */
function stepOf(path: string): ChecklistStepId | undefined {
  if (/(^|\/)project_state\.yaml$/.test(path)) return 'review_state'
  if (/(^|\/)dependency_map\.yaml$/.test(path)) return 'understand_dependencies'
  if (/(^|\/)agents\/[^/]+\/tasks\.yaml$/.test(path)) return 'review_tasks'
  return /(^|\/)framework\.(md|yaml)$/.test(path) ? 'read_framework' : undefined
}

/** Regular files below a folder, by their paths in it, sorted; links are passed over. */
async function listFiles(
  root: string,
): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const found: { path: string; bytes: number }[] = []
  const walk = async (folder: string, levels: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= MOST_FILES) return
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && levels > 1) await walk(path, levels - 1)
      if (!entry.isFile()) continue
      const stat = await lstat(join(root, path)).catch(() => undefined)
      if (stat !== undefined) found.push({ path, bytes: stat.size })
    }
  }
  await walk('', MOST_LEVELS)
  return found
}

/** Refuses what is no regular file of the folder; a link anywhere on the way is none. */
export async function readText(root: string, path: string): Promise<string> {
  const problem = pathProblem(path)
  if (problem !== null)
    throw new Refused('bad-request', `path: ${problem}`, 'Name a file as "context" without a path lists it.')
  const parts = path.split('/')
  for (let i = 1; i < parts.length; i++) {
    const folder = await lstat(join(root, ...parts.slice(0, i))).catch(() => undefined)
    if (folder?.isDirectory() !== true) throw noFile()
  }
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(join(root, ...parts), flags).catch(() => undefined)
  if (file === undefined) throw noFile()
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw noFile()
    if (stat.size > DOOR_LIMITS.contextBytes)
      throw new Refused(
        'too-large',
        `it is larger than ${DOOR_LIMITS.contextBytes} bytes`,
        'Read it in $AMPHITHEATRE_CONTEXT.',
      )
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

function noFile(): Refused {
  return new Refused('unknown', 'the context has no such file', '"context" without a path lists them.')
}
