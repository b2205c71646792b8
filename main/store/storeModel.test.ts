import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { commandId, projectId, runId } from '../domain/ids.ts'
import type { Store } from '../engine/ports/store.ts'
import { memoryDisk, openMemoryStore } from './memoryStore.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { sampleBatch, sampleEvents, sampleOutcome, sampleRun, sampleTask } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

/** What is done to both stores; `batch` numbers are small so that rows and commands meet again. */
const step = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    events: fc.nat(70),
    run: fc.nat(2),
    commands: fc.array(fc.nat(20), { maxLength: 5 }),
    runs: fc.array(fc.record({ n: fc.nat(4), startedAt: fc.nat(3) }), { maxLength: 4 }),
    tasks: fc.array(fc.record({ run: fc.nat(2), task: fc.nat(6), attempts: fc.nat(9) }), { maxLength: 9 }),
  }),
  fc.record({ do: fc.constant('keyFrame' as const), back: fc.nat(30) }),
  fc.record({ do: fc.constant('meta' as const), key: fc.nat(2), value: fc.string() }),
  fc.record({ do: fc.constant('reopen' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function apply(store: Store, what: Exclude<Step, { do: 'reopen' }>): Promise<void> {
  const lastSeq = await store.lastSeq()
  if (what.do === 'meta') return store.setMeta(`key ${what.key}`, what.value)
  if (what.do === 'keyFrame') {
    const seq = Math.max(0, lastSeq - what.back)
    return store.writeKeyFrame({ seq, json: JSON.stringify(what) })
  }
  await store.append(
    sampleBatch({
      events: sampleEvents(lastSeq + 1, what.events, { run: runId(`r${what.run}`) }),
      outcomes: what.commands.map((n) => sampleOutcome(`c${n}`, `after ${lastSeq}`)),
      runRows: what.runs.map(({ n, startedAt }) =>
        sampleRun(n, { startedAt, project: projectId(`p${startedAt % 2}`) }),
      ),
      taskRows: what.tasks.map(({ run, task, attempts }) =>
        sampleTask(runId(`r${run}`), `t${task}`, { attempts }),
      ),
    }),
  )
}

/** All that can be asked of a store. */
async function contents(store: Store): Promise<unknown> {
  const numbers = Array.from({ length: 21 }, (_, n) => n)
  const lastSeq = await store.lastSeq()
  return {
    events: await store.read({ after: 0 }),
    page: await store.read({ after: Math.floor(lastSeq / 2), limit: 5 }),
    ofRun: await store.read({ after: Math.floor(lastSeq / 3), limit: 9, run: runId('r1') }),
    keyFrames: await Promise.all([lastSeq, lastSeq - 9, undefined].map((seq) => store.keyFrame(seq))),
    outcomes: await Promise.all(numbers.map((n) => store.outcome(commandId(`c${n}`)))),
    runs: await store.runs({}),
    ofProject: await store.runs({ project: projectId('p1'), limit: 2 }),
    tasks: await Promise.all([0, 1, 2].map((n) => store.tasks(runId(`r${n}`)))),
    meta: await Promise.all([0, 1, 2].map((n) => store.getMeta(`key ${n}`))),
  }
}

test('whatever is done to both, SQLite tells what the reference tells', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const file = join(tempFolder(), 'log.database')
      const disk = memoryDisk()
      let sqlite = await openSqliteStore({ file, walBytes: 0 })
      for (const what of steps) {
        if (what.do === 'reopen') {
          await sqlite.close()
          sqlite = await openSqliteStore({ file, walBytes: 0 })
          continue
        }
        await apply(openMemoryStore(disk), what)
        await apply(sqlite, what)
      }
      expect(await contents(sqlite)).toEqual(await contents(openMemoryStore(disk)))
      expect(await sqlite.integrityCheck()).toEqual([])
      await sqlite.close()
    }),
    { numRuns: 60 },
  )
})
