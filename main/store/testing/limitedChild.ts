import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { StoreError } from '../../engine/ports/store.ts'
import { openSqliteStore } from '../sqliteStore.ts'
import { fullBatch } from './samples.ts'

/**
 * Real I/O errors: the system refuses this process any write past a file size that grows from step to step, so that
 * each of the store's first writes fails once. Prints for every step what the store said; the test judges it.
 */
export interface LimitedStep {
  readonly limit: number
  readonly acknowledged: number
  readonly batch: number
  readonly kind: string
  readonly code: string
  /** What `lastSeq` answered while writes failed; null when it could not tell either. */
  readonly lastSeqDuring: number | null
  readonly lastSeqAfter: number
  /** Read by a store that was opened anew, after one more append. */
  readonly reopened: readonly number[]
  readonly complaints: readonly string[]
}

function limitFileSize(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:unlimited`])
}

async function step(file: string, limit: number, batch: number): Promise<LimitedStep> {
  const store = await openSqliteStore({ file, walBytes: 0 })
  limitFileSize(limit)
  let acknowledged = 0
  let failure: StoreError | undefined
  while (failure === undefined) {
    try {
      await store.append(fullBatch(acknowledged + 1, batch))
      acknowledged += batch
    } catch (error) {
      failure = error as StoreError
    }
  }
  const lastSeqDuring = await store.lastSeq().catch(() => null)
  limitFileSize('unlimited')
  const lastSeqAfter = await store.lastSeq()
  await store.append(fullBatch(lastSeqAfter + 1, 1))
  await store.close()
  const again = await openSqliteStore({ file, walBytes: 0 })
  const reopened = (await again.read({ after: 0 })).map((event) => event.seq)
  const complaints = await again.integrityCheck()
  await again.close()
  const code = String((failure.cause as { code?: unknown } | undefined)?.code)
  const { kind } = failure
  return { limit, acknowledged, batch, kind, code, lastSeqDuring, lastSeqAfter, reopened, complaints }
}

const [folder = '.', steps = '10'] = process.argv.slice(2)
for (let i = 0; i < Number(steps); i += 1) {
  const limit = 1_000 + i * 4_000
  console.log(JSON.stringify(await step(join(folder, `log-${i}.database`), limit, 1 + (i % 9))))
}
