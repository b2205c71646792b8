import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync, gzipSync } from 'node:zlib'
import { schemaVersion } from '../../api/database/store.ts'
import { readJson, scratchFolder, sha256, writeJson, writeText } from './files.ts'
import { integrityProblems, type TableState, tableStates } from './tables.ts'

export interface SnapshotManifest {
  readonly name: string
  readonly schema: number
  /** Beside the manifest; it travels as an artifact and is not committed. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly tables: Readonly<Record<string, TableState>>
}

/** Copies the whole database, packed, and writes down what is in it. */
export function takeSnapshot(database: DatabaseSync, folder: string, name: string): SnapshotManifest {
  using scratch = scratchFolder()
  const copy = join(scratch.path, 'copy.db')
  database.prepare('VACUUM INTO ?').run(copy)
  const packed = gzipSync(readFileSync(copy))
  const file = `${name}.db.gz`
  writeText(join(folder, file), packed)
  const manifest = {
    name,
    schema: schemaVersion(database),
    file,
    bytes: packed.length,
    sha256: sha256(packed),
    tables: tableStates(database),
  }
  writeJson(join(folder, `${name}.json`), manifest)
  return manifest
}

export function readManifest(folder: string, name: string): SnapshotManifest {
  return readJson(join(folder, `${name}.json`))
}

/** Brings a snapshot back into memory and compares it with its manifest. An empty list: it can be relied on. */
export function verifySnapshot(folder: string, name: string): string[] {
  const manifest = readManifest(folder, name)
  const packed = readFileSync(join(folder, manifest.file))
  if (sha256(packed) !== manifest.sha256) return ['the file is not the one that was written']
  using scratch = scratchFolder()
  const path = join(scratch.path, 'restored.db')
  writeText(path, gunzipSync(packed))
  const database = new DatabaseSync(path)
  const problems = [...integrityProblems(database), ...differences(manifest.tables, tableStates(database))]
  database.close()
  return problems
}

/** Whether the database still is what the snapshot holds: only then it can bring the data back. */
export function differences(
  expected: Readonly<Record<string, TableState>>,
  actual: Readonly<Record<string, TableState>>,
): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...names]
    .filter((name) => expected[name]?.sha256 !== actual[name]?.sha256)
    .map((name) => `${name} differs`)
}

export function removeSnapshot(folder: string, name: string): void {
  rmSync(join(folder, `${name}.json`), { force: true })
  rmSync(join(folder, `${name}.db.gz`), { force: true })
}
