import { locksOfWork } from '../locks/held.ts'
import type { Lock } from '../locks/lock.ts'
import { allowsWriting } from '../locks/meet.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { Run } from '../state.ts'

/** Agents of the run whose work is merged and who might have written one of the files, `task` left out. */
export function mergedBefore(run: Run, task: number, files: readonly string[]): readonly string[] {
  return run.plan.tasks.flatMap((spec, i) => {
    const record = run.tasks.get(i)!
    const last = record.past.at(-1)
    if (i === task || record.result === null || last?.state !== 'COMPLETED') return []
    const declared = spec.writes.map((on): Lock => ({ kind: 'files', on, mode: 'exclusive' }))
    const locks = [...locksOfWork(run, i, record), ...declared]
    const writes = files.some((file) => allowsWriting(locks, file))
    return writes ? [holderOf(run, i, last.n)] : []
  })
}
