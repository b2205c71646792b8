import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { buildApi } from '../../scripts/lib/buildApi.ts'
import { buildWeb } from '../../scripts/lib/buildWeb.ts'
import { scratchFolder } from '../../scripts/lib/files.ts'
import { seededStore } from '../../scripts/lib/seed.ts'
import { type RunningServer, startServer } from '../../scripts/lib/server.ts'

/**
 * A built server on a seeded database. It tests the build that `BOOKSHELF_BUILD` names (a folder with `api`
 * and `web`), or one made here and now.
 */
export async function startLibrary(): Promise<RunningServer> {
  const scratch = scratchFolder()
  const database = join(scratch.path, 'library.db')
  seededStore(database).database.close()
  const build = join(scratch.path, 'build')
  const ready = process.env.BOOKSHELF_BUILD
  if (ready === undefined) {
    buildApi(join(build, 'api'))
    buildWeb(join(build, 'web'))
  } else cpSync(ready, build, { recursive: true })
  const server = await startServer({ build, database })
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      scratch[Symbol.dispose]()
    },
  }
}
