import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { createTestBench, TEST_UID, type TestBench } from '../../runners/docker/testBench.ts'
import { TEST_IMAGE } from '../../runners/docker/testImage.ts'
import { serveSpool } from '../door/spool.ts'
import { House } from '../door/testing/house.ts'

/** The client in real containers that share nothing but the engine: busybox by files, Debian by curl, Debian by Node. */

const AGENT_IMAGE = 'amphitheatre/agent:latest'
/** Every program but curl. */
const WITHOUT_CURL =
  'mkdir /tmp/bin; for f in /usr/local/bin/* /usr/bin/* /bin/*; do ln -s "$f" /tmp/bin/ 2>/dev/null; done; ' +
  'rm /tmp/bin/curl; PATH=/tmp/bin:/run/amphitheatre/bin; ! command -v curl'

let bench: TestBench
let house: House
beforeAll(async () => {
  bench = await createTestBench()
  const owner = { uid: TEST_UID, gid: TEST_UID }
  house = await House.open({
    plan: tasks(['a', 'b', 'c'], { all: { workspace: 'repo' } }),
    doors: { ...owner, spool: serveSpool({ owner, log: (line) => void house.logged.push(line) }) },
  })
})
afterAll(async () => {
  await bench.dispose()
  await house.close()
})

/** Runs a task's agent to its end; what it prints. */
async function agent(task: string, image: string, script: string): Promise<string> {
  const { door, exchange } = house.spec(task)
  const work = house.work(task)
  mkdirSync(join(work, '.git'), { recursive: true })
  const inside = '/run/amphitheatre'
  const env = {
    AMPHITHEATRE_DOOR: `${inside}/door.sock`,
    AMPHITHEATRE_DOOR_FOLDER: inside,
    AMPHITHEATRE_CONTEXT: `${inside}/context`,
  }
  const spec = bench.spec(task, script, { image, exchange, workspace: work, door: { ...door!, env } })
  await bench.runner.start(spec)
  // What it printed says more than that it took too long.
  await bench.runner.wait(spec.attempt, AbortSignal.timeout(60_000)).catch(() => undefined)
  await bench.runner.stop(spec.attempt, 0)
  const output = await bench.outputOf(spec.attempt)
  await bench.runner.remove(spec.attempt)
  return output
}

it('talks between images that have nothing in common', async () => {
  writeFileSync(join(house.work('b'), 'report.txt'), 'the report\n')
  const [a, b, c] = await Promise.all([
    agent(
      'a',
      TEST_IMAGE,
      [
        'amphi-agent hello | head -n 1',
        'amphi-agent progress 40 "half \\"way\\" é"',
        'amphi-agent ask b "which port?" --wait 60',
        'amphi-agent ask c "and the report?" --wait 60 >/tmp/hash',
        'amphi-agent get "$(cat /tmp/hash)" /tmp/report && cat /tmp/report',
        'amphi-agent inbox; echo "left: $(amphi-agent inbox --json)"',
        'amphi-agent mcp </dev/null; echo "mcp: $?"',
      ].join('\n'),
    ),
    agent(
      'b',
      AGENT_IMAGE,
      [
        'amphi-agent hello | head -n 1',
        'amphi-agent artifact report.txt --type document',
        'n=$(amphi-agent inbox --wait 50 | sed -n "s/^m\\([0-9]*\\) .*/\\1/p")',
        'amphi-agent send c "$(amphi-agent artifacts | cut -d " " -f 1)"',
        'amphi-agent answer "$n" 8080',
      ].join('\n'),
    ),
    agent(
      'c',
      AGENT_IMAGE,
      [
        WITHOUT_CURL,
        'amphi-agent hello | head -n 1',
        'hash=$(amphi-agent inbox --wait 50 | sed -n "s/^  | \\([0-9a-f]\\{64\\}\\)$/\\1/p")',
        'amphi-agent handled 2',
        'n=$(amphi-agent inbox --wait 50 | sed -n "s/^m\\([0-9]*\\) REQUEST .*/\\1/p")',
        'amphi-agent answer "$n" "$hash"',
      ].join('\n'),
    ),
  ])
  // Which of two streams comes first is nobody's promise.
  const [out, err] = [false, true].map((wanted) =>
    a.split('\n').filter((line) => line !== '' && /^amphi-agent: |^Put /.test(line) === wanted),
  )
  expect(out).toEqual([
    'agent: Worker/a#1',
    '8080',
    'the report',
    'left: {"messages":[],"left":0,"ok":true}',
    'mcp: 3',
  ])
  expect(err).toEqual([
    'amphi-agent: m3 from Worker/b#1 answers m1',
    'amphi-agent: m5 from Worker/c#1 answers m4',
    'amphi-agent: mcp needs curl or node',
    'Put one of them into the image.',
  ])
  expect(b).toMatch(/^agent: Worker\/b#1\n[0-9a-f]{64} document report.txt \(11 bytes\)\nm2 to c\nm3 to a\n$/)
  expect(c).toMatch(/^agent: Worker\/c#1\n\d left in your inbox\nm5 to a\n$/)
  const progress = house.run.tasks.get(0)!.current!.progress
  expect(progress).toMatchObject({ percent: 40, text: 'half "way" é' })
  expect(house.logged).toEqual([])
})
