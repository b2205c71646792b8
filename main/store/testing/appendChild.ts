import { openSqliteStore } from '../sqliteStore.ts'
import { fullBatch } from './samples.ts'

/** Appends batches of changing size for ever and says the last number after each: what it said must be on disk. */
const store = await openSqliteStore({ file: process.argv[2]! })
for (let i = 0, seq = await store.lastSeq(); ; i += 1) {
  const size = 1 + ((i * 7) % 13)
  await store.append(fullBatch(seq + 1, size))
  seq += size
  process.stdout.write(`${seq}\n`)
  if (i % 32 === 0) await new Promise(setImmediate)
}
