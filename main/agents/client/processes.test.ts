import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { createProcessBench, type ProcessBench, TEST_UID } from '../../runners/process/testBench.ts'
import { serveSpool } from '../door/spool.ts'
import { House } from '../door/testing/house.ts'

/** The client in an agent that is a process of this machine, as another user where the engine is root. */

let bench: ProcessBench
let house: House
beforeAll(async () => {
  bench = await createProcessBench()
  const owner = process.getuid?.() === 0 ? { uid: TEST_UID, gid: TEST_UID } : null
  house = await House.open({
    plan: tasks(['a', 'b'], { all: { workspace: 'repo' } }),
    doors: { ...owner, spool: serveSpool({ owner, log: (line) => void house.logged.push(line) }) },
  })
})
afterAll(async () => {
  await bench.dispose()
  await house.close()
})

it('finds its door by the socket and by files', async () => {
  const { door, exchange } = house.spec('a')
  mkdirSync(exchange, { recursive: true })
  const script = [
    'amphi-agent hello | head -n 1',
    'AMPHITHEATRE_DOOR_VIA=spool amphi-agent send b "by file"',
    'amphi-agent send b "by socket"',
    'ls "$AMPHITHEATRE_CONTEXT" >/dev/null && echo context',
    'ls "$(dirname "$AMPHITHEATRE_DOOR_FOLDER")" 2>/dev/null; echo end',
  ].join('\n')
  const spec = bench.spec('a', script, { exchange, door: { ...door!, env: onHost(door!) } })
  await bench.runner.start(spec)
  await bench.runner.wait(spec.attempt, AbortSignal.timeout(50_000))
  const output = await bench.outputOf(spec.attempt)
  await bench.runner.remove(spec.attempt)
  expect(output).toMatch(/^agent: Worker\/a#1\nm1 to b\nm2 to b\ncontext\n/)
  // Nothing of who else has a door; where agents are the same user as the engine they may look.
  if (process.getuid?.() === 0) expect(output).not.toContain(house.spec('b').door!.folder.split('/').at(-1))
  expect(house.logged).toEqual([])
})

/** The engine of these tests believes that its agents are in containers. */
function onHost({
  folder,
  context,
}: {
  readonly folder: string
  readonly context: string
}): Record<string, string> {
  return {
    AMPHITHEATRE_DOOR: join(folder, 'door.sock'),
    AMPHITHEATRE_DOOR_FOLDER: folder,
    AMPHITHEATRE_CONTEXT: context,
  }
}
