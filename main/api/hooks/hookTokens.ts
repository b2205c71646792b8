import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ProjectId, projectId } from '../../domain/ids.ts'
import { isSame, loadToken, readToken } from '../web/secrets.ts'

const FOLDER = 'hooks'
const FILE = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\.token$/
/** How often the folder is looked into for tokens that are new or gone, ms. */
const LOOK_MS = 1_000

/** The token that lets alerts into a project, made where there is none. Removing its file takes it back. */
export function hookToken(dataDir: string, project: ProjectId): string {
  const folder = join(dataDir, FOLDER)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return loadToken(join(folder, `${project}.token`))
}

/** Which project a token lets into. */
export class HookTokens {
  readonly #folder: string
  readonly #now: () => number
  #known: readonly (readonly [ProjectId, string])[] = []
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(dataDir: string, now: () => number = () => performance.now()) {
    this.#folder = join(dataDir, FOLDER)
    this.#now = now
  }

  /** Takes as long whichever token it is. */
  projectOf(token: string): ProjectId | undefined {
    this.#look()
    let found: ProjectId | undefined
    for (const [project, secret] of this.#known) if (isSame(token, secret)) found = project
    return found
  }

  tokenOf(project: string): string | undefined {
    this.#look()
    return this.#known.find(([id]) => id === project)?.[1]
  }

  #look(): void {
    if (this.#now() - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = this.#now()
    this.#known = names(this.#folder).flatMap((name) => {
      const id = FILE.exec(name)?.[1]
      const secret = id === undefined ? undefined : safeToken(join(this.#folder, name))
      return secret === undefined ? [] : [[projectId(id!), secret] as const]
    })
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** One that others may read lets nobody in. */
function safeToken(file: string): string | undefined {
  try {
    return readToken(file)
  } catch {
    return undefined
  }
}
