import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Reply } from './reply.ts'

const TYPES: Readonly<Record<string, string>> = { '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' }

/**
 * The files of `assets`, read once: only what is there at the start is ever served, so no path leads out.
 * Their names carry a hash of their content, so browsers may keep them for ever.
 */
export function loadAssets(folder: string): ReadonlyMap<string, Reply> {
  const assets = new Map<string, Reply>()
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }
    assets.set(`/assets/${name}`, { status: 200, headers, body: readFileSync(join(folder, name)) })
  }
  return assets
}
