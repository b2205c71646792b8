import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AttemptId } from '../../domain/ids.ts'
import { createTestBench, type TestBench } from './testBench.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await createTestBench()
}, 60_000)
afterAll(() => bench.dispose())

const soon = (): AbortSignal => AbortSignal.timeout(30_000)
const TTY = { columns: 97, rows: 31 }

/** Reads until the text is seen, then leaves the stream. */
async function until(attempt: AttemptId, wanted: string, from = 0, runner = bench.runner): Promise<string> {
  let seen = ''
  for await (const piece of runner.output(attempt, from, soon())) {
    seen += Buffer.from(piece).toString('latin1')
    if (seen.includes(wanted)) break
  }
  return seen
}

it('gives the whole output from any byte on, live and afterwards, to this engine and the next', async () => {
  const command =
    'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; echo err >&2; printf no-newline'
  const spec = bench.spec('offsets', command)
  await bench.runner.start(spec)
  const whole = await bench.outputOf(spec.attempt)
  const lines = whole.split('\n')
  expect(lines.filter((line) => line.startsWith('line'))).toHaveLength(3000)
  expect(whole).toContain('err\n')
  // Two streams: which of their last pieces comes first is nobody's promise.
  expect(whole).toMatch(/no-newline(err\n)?$/)
  const adopter = bench.another()
  for (const from of [0, 1, 8, 16384, whole.length - 3, whole.length, whole.length + 10]) {
    expect(await bench.outputOf(spec.attempt, from)).toBe(whole.slice(from))
    const pieces: Uint8Array[] = []
    for await (const piece of adopter.output(spec.attempt, from, soon())) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe(whole.slice(from))
  }
  await bench.runner.remove(spec.attempt)
  expect(await bench.outputOf(spec.attempt)).toBe('')
})

it('keeps JSON output and binary-looking lines as bytes', async () => {
  const spec = bench.spec('json', `printf '{"a":1}'`)
  await bench.runner.start(spec)
  expect(await bench.outputOf(spec.attempt)).toBe('{"a":1}')
  await bench.runner.remove(spec.attempt)
})

it('ends the stream on abort', async () => {
  const spec = bench.spec('abort', 'echo up; sleep 60')
  await bench.runner.start(spec)
  const stop = new AbortController()
  const reading = (async () => {
    for await (const _ of bench.runner.output(spec.attempt, 0, stop.signal)) stop.abort(new Error('enough'))
  })()
  await expect(reading).rejects.toThrow(/enough|abort/i)
  await bench.runner.remove(spec.attempt)
})

it('shows a prompt before its line ends, takes input, and knows the size from the first moment', async () => {
  const command = `stty size; printf 'name? '; read name; echo "hello $name"; read _; stty size; printf '\\033[1mdone'`
  const spec = bench.spec('tty', command, { tty: TTY })
  await bench.runner.start(spec)
  expect(await until(spec.attempt, 'name? ')).toBe('31 97\r\nname? ')
  await bench.runner.input(spec.attempt, Buffer.from('Ada\n'))
  await until(spec.attempt, 'hello Ada')
  await bench.runner.resize(spec.attempt, 120, 40)
  await bench.runner.input(spec.attempt, Buffer.from('\n'))
  const whole = await bench.outputOf(spec.attempt)
  expect(whole).toBe('31 97\r\nname? Ada\r\nhello Ada\r\n\r\n40 120\r\n\u001b[1mdone')
  // The next engine reads the same from the log.
  const adopter = bench.another()
  const pieces: Uint8Array[] = []
  for await (const piece of adopter.output(spec.attempt, 7, soon())) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe(whole.slice(7))
  await bench.runner.resize(spec.attempt, 80, 24)
  await expect(bench.runner.input(spec.attempt, Buffer.from('x'))).rejects.toMatchObject({ kind: 'refused' })
  await bench.runner.remove(spec.attempt)
})

it('takes input for an agent that another engine started', async () => {
  const spec = bench.spec('tty-adopted', 'echo up; read a; read b; echo "$a and $b"', { tty: TTY })
  await bench.runner.start(spec)
  await until(spec.attempt, 'up')
  const adopter = bench.another()
  await adopter.input(spec.attempt, Buffer.from('one\n'))
  await adopter.input(spec.attempt, Buffer.from('two\n'))
  expect((await adopter.wait(spec.attempt, soon())).code).toBe(0)
  expect(await until(spec.attempt, 'one and two')).toContain('one and two')
  await bench.runner.remove(spec.attempt)
})

it('refuses input where there is no terminal', async () => {
  const spec = bench.spec('no-tty', 'sleep 60')
  await bench.runner.start(spec)
  await expect(bench.runner.input(spec.attempt, Buffer.from('x'))).rejects.toThrow(/no terminal/)
  await bench.runner.remove(spec.attempt)
})

it('serves a slow reader of a terminal everything, though little of it is kept live', async () => {
  const command =
    'i=0; while [ $i -lt 40000 ]; do echo "$i 0123456789012345678901234567890123456789"; i=$((i+1)); done'
  const spec = bench.spec('tty-flood', command, { tty: TTY })
  await bench.runner.start(spec)
  let seen = ''
  for await (const piece of bench.runner.output(spec.attempt, 0, soon())) {
    // Falls behind on purpose: looks again only when the agent is over.
    if (seen === '') await bench.runner.wait(spec.attempt, soon())
    seen += Buffer.from(piece).toString()
  }
  const expected = Array.from({ length: 40_000 }, (_, i) => `${i} ${'0123456789'.repeat(4)}\r\n`).join('')
  expect(seen.length).toBe(expected.length)
  expect(seen === expected).toBe(true)
  await bench.runner.remove(spec.attempt)
}, 30_000)
