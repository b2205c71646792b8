import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What lies in a context folder, by path, sorted. */
export function readContext(folder: string): Map<string, string> {
  const files = existsSync(folder) ? [...filesIn(folder, '')] : []
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function* filesIn(folder: string, at: string): Generator<[string, string]> {
  for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
    const path = at === '' ? entry.name : `${at}/${entry.name}`
    if (entry.isDirectory()) yield* filesIn(folder, path)
    else yield [path, readFileSync(join(folder, path), 'utf8')]
  }
}
