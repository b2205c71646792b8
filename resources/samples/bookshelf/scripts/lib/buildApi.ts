import { readFileSync, rmSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { filesBelow, writeJson, writeText } from './files.ts'
import { latestMigration } from './migrations.ts'
import { root, version } from './project.ts'

export interface ApiBuild {
  readonly files: number
  readonly version: string
  readonly schema: number
}

/** Compiles `api` into a folder: TypeScript to JavaScript, queries as they are, `build.json` says what it is. */
export function buildApi(out: string): ApiBuild {
  const source = join(root, 'api')
  rmSync(out, { recursive: true, force: true })
  const files = filesBelow(source)
  for (const path of files) {
    const text = readFileSync(join(source, path), 'utf8')
    if (path.endsWith('.ts')) writeText(join(out, path.replace(/\.ts$/, '.js')), compile(text))
    else writeText(join(out, path), text)
  }
  const schema = latestMigration()
  writeJson(join(out, 'build.json'), { version, schema })
  writeJson(join(out, 'package.json'), { type: 'module' })
  return { files: files.length, version, schema }
}

/** Types become blanks, so lines and columns stay what they were and no source map is needed. */
function compile(text: string): string {
  return stripTypeScriptTypes(text).replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'")
}
