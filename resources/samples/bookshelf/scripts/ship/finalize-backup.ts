import { existsSync } from 'node:fs'
import { readJson, writeJson } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { readManifest, removeSnapshot, verifySnapshot } from '../lib/snapshots.ts'

const FOLDER = 'backups/production'
const INDEX = `${FOLDER}/index.json`
const KEPT = 5

interface Entry {
  readonly name: string
  readonly schema: number
  readonly sha256: string
}

/** `finalize-backup.ts before-2.0.0` proves that the snapshot restores, lists it, and lets go of the oldest ones. */
const name = process.argv[2] ?? ''
const problems = verifySnapshot(FOLDER, name)
if (problems.length > 0) throw new Error(`snapshot ${name} cannot be relied on: ${problems.join('; ')}`)

const { schema, sha256 } = readManifest(FOLDER, name)
const earlier = existsSync(INDEX) ? readJson<Entry[]>(INDEX).filter((entry) => entry.name !== name) : []
const entries = [...earlier, { name, schema, sha256 }]
const dropped = entries.slice(0, -KEPT)
for (const entry of dropped) removeSnapshot(FOLDER, entry.name)
writeJson(INDEX, entries.slice(-KEPT))
console.log(`snapshot ${name} was restored and compared: it holds; ${dropped.length} older ones removed`)
output({ verified: name, kept: entries.length - dropped.length })
