import { execFileSync } from 'node:child_process'
import { copyFileSync, renameSync } from 'node:fs'
import type { StoreError } from '../../engine/ports/store.ts'
import { openSqliteStore } from '../sqliteStore.ts'
import { fullBatch } from './samples.ts'

/**
 * A store that an I/O error has broken finds, when it opens the file again, that somebody removed it or put an older
 * one in its place. Prints what the next append and the one after that are told.
 */
const [file = '', what = ''] = process.argv.slice(2)

function limitFileSize(bytes: string): void {
  execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:unlimited`])
}

async function kindOf(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    () => 'done',
    (error: StoreError) => error.kind,
  )
}

await (await openSqliteStore({ file })).close()
copyFileSync(file, `${file}.old`)
const store = await openSqliteStore({ file, walBytes: 0 })
await store.append(fullBatch(1, 3))
limitFileSize('65536')
console.log(await kindOf(() => store.append(fullBatch(4, 2000))))
limitFileSize('unlimited')
renameSync(file, `${file}.moved`)
if (what === 'replaced') copyFileSync(`${file}.old`, file)
console.log(await kindOf(() => store.append(fullBatch(4, 1))))
console.log(await kindOf(() => store.lastSeq()))
await store.close()
