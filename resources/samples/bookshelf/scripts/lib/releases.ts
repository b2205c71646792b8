import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hashesBelow, readJson, scratchFolder, writeJson } from './files.ts'
import { startServer } from './server.ts'

export const PRODUCTION = 'var/production.db'

export interface ReleaseManifest {
  readonly version: string
  readonly part: 'api' | 'web'
  /** Content hash of each file that was released. */
  readonly files: Readonly<Record<string, string>>
}

export const releaseFolder = (version: string): string => join('releases', version)

/** Copies one part of the build into the release and writes down what it consists of. */
export function release(version: string, part: ReleaseManifest['part']): ReleaseManifest {
  const source = join('dist', part)
  if (!existsSync(source)) throw new Error(`${source} is not there: build first`)
  const target = join(releaseFolder(version), part)
  rmSync(target, { recursive: true, force: true })
  cpSync(source, target, { recursive: true })
  const manifest = { version, part, files: hashesBelow(target) }
  writeJson(`${target}.json`, manifest)
  return manifest
}

/** Starts a release on a copy of the data and hands its address to `visit`. */
export async function visitRelease<Result>(
  version: string,
  visit: (url: string) => Promise<Result>,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  using scratch = scratchFolder()
  const database = join(scratch.path, 'copy.db')
  cpSync(PRODUCTION, database)
  await using server = await startServer({ build: releaseFolder(version), database, env })
  return await visit(server.url)
}

export function currentVersion(): string {
  return readJson<{ version: string }>('releases/current.json').version
}
