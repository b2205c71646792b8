import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AttemptId } from '../../domain/ids.ts'
import type { AgentExit, AgentSpec, Runner } from '../../engine/ports/runner.ts'

/** A runner on a real machine, under an install of its own; `dispose` fails when anything of it is left over. */
export interface RunnerBench {
  readonly runner: Runner
  readonly folder: string
  /** A second engine over the same agents. */
  another(): Runner
  spec(task: string, command: string, more?: Partial<AgentSpec>): AgentSpec
  /** Starts, waits, removes. */
  runOnce(spec: AgentSpec): Promise<AgentExit>
  outputOf(attempt: AttemptId, from?: number): Promise<string>
  dispose(): Promise<void>
}

const TTY = { columns: 97, rows: 31 }
const soon = (): AbortSignal => AbortSignal.timeout(30_000)

/** Reads until the text is seen, then leaves the stream. */
export async function readUntil(
  runner: Runner,
  attempt: AttemptId,
  wanted: string,
  from = 0,
): Promise<string> {
  let seen = ''
  for await (const piece of runner.output(attempt, from, soon())) {
    seen += Buffer.from(piece).toString('latin1')
    if (seen.includes(wanted)) break
  }
  return seen
}

/** What the engine relies on, whatever agents run in (main/engine/ports/runner.ts). */
export function runnerContract(open: () => Promise<RunnerBench>): void {
  let bench: RunnerBench
  beforeAll(async () => {
    bench = await open()
  }, 60_000)
  afterAll(() => bench.dispose())

  it('runs a command with any quoting in it and reports its exit code', async () => {
    const command = `printf '%s|' "a b" 'c"d' $((6*7)) 'e\nf'; exit 3`
    const spec = bench.spec('quoting', command)
    const started = await bench.runner.start(spec)
    expect(started).toMatchObject({ attempt: spec.attempt, exit: null, startedAt: expect.any(Number) })
    const exit = await bench.runner.wait(spec.attempt, soon())
    expect(exit).toMatchObject({ code: 3, oomKilled: false, error: null })
    expect(Math.abs(exit.finishedAt - Date.now())).toBeLessThan(30_000)
    expect(await bench.outputOf(spec.attempt)).toBe('a b|c"d|42|e\nf|')
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'exited', exit })
    await bench.runner.remove(spec.attempt)
    expect(await bench.runner.find(spec.attempt)).toBeUndefined()
  })

  it('never starts an attempt twice, however often and by whomever it is asked', async () => {
    const spec = bench.spec('once', 'echo ran >> $AMPHITHEATRE_OUTPUT; echo up; sleep 30')
    const others = [bench.runner, bench.another(), bench.another()]
    const answers = await Promise.all(others.flatMap((one) => [one.start(spec), one.start(spec)]))
    expect(new Set(answers.map((one) => one.handle)).size).toBe(1)
    expect(answers.every((one) => one.status === 'running')).toBe(true)
    await readUntil(bench.runner, spec.attempt, 'up')
    await bench.runner.stop(spec.attempt, 0)
    expect(await bench.another().start(spec)).toMatchObject({ status: 'exited', exit: { code: 137 } })
    expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
    await bench.runner.remove(spec.attempt)
    // Made anew where it was removed, it does not run again either, and says so.
    expect(await bench.runOnce(spec)).toMatchObject({ code: 97 })
    expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
    expect(readFileSync(join(spec.exchange, 'started-again'), 'utf8')).toBe('')
  })

  it('lists and adopts what another engine left: running, paused and over', async () => {
    const specs = ['l-run', 'l-pause', 'l-over'].map((task) =>
      bench.spec(task, task === 'l-over' ? 'exit 9' : 'sleep 60'),
    )
    for (const spec of specs) await bench.runner.start(spec)
    await bench.runner.pause(specs[1]!.attempt)
    await bench.runner.pause(specs[1]!.attempt)
    await bench.runner.wait(specs[2]!.attempt, soon())
    const adopter = bench.another()
    const listed = new Map((await adopter.list()).map((one) => [one.attempt, one]))
    expect(listed.get(specs[0]!.attempt)).toMatchObject({ status: 'running', startedAt: expect.any(Number) })
    expect(listed.get(specs[1]!.attempt)).toMatchObject({ status: 'paused', exit: null })
    expect(listed.get(specs[2]!.attempt)).toMatchObject({ status: 'exited', exit: { code: 9 } })
    const waiting = adopter.wait(specs[1]!.attempt, soon())
    await adopter.resume(specs[1]!.attempt)
    await adopter.resume(specs[1]!.attempt)
    expect((await adopter.find(specs[1]!.attempt))?.status).toBe('running')
    await adopter.pause(specs[1]!.attempt)
    await adopter.stop(specs[1]!.attempt, 5_000)
    expect((await waiting).code).toBe(143)
    for (const spec of specs)
      await Promise.all([adopter.remove(spec.attempt), bench.runner.remove(spec.attempt)])
    expect(await adopter.list()).toEqual([])
    expect(await adopter.find(specs[0]!.attempt)).toBeUndefined()
  })

  it('stops politely first, and kills what does not listen', async () => {
    const polite = bench.spec('polite', `trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done`)
    const deaf = bench.spec('deaf', `trap '' TERM; echo up; while :; do sleep 0.05; done`)
    for (const spec of [polite, deaf]) {
      await bench.runner.start(spec)
      await readUntil(bench.runner, spec.attempt, 'up')
    }
    await bench.runner.stop(polite.attempt, 10_000)
    await bench.runner.stop(deaf.attempt, 200)
    expect((await bench.runner.find(polite.attempt))?.exit?.code).toBe(5)
    expect((await bench.runner.find(deaf.attempt))?.exit?.code).toBe(137)
    expect(await bench.outputOf(polite.attempt)).toMatch(/^up\n(Terminated\n)?bye\n$/)
    for (const spec of [polite, deaf]) {
      await bench.runner.stop(spec.attempt, 1_000)
      await bench.runner.remove(spec.attempt)
      await bench.runner.remove(spec.attempt)
      await bench.runner.stop(spec.attempt, 1_000)
    }
  })

  it('rejects waiting on abort, and where there is no such agent', async () => {
    const spec = bench.spec('gone', 'sleep 60')
    await bench.runner.start(spec)
    await expect(bench.runner.wait(spec.attempt, AbortSignal.timeout(1))).rejects.toThrow(/timeout/i)
    const waiting = bench.runner.wait(spec.attempt, soon()).catch((error: unknown) => error)
    await bench.another().remove(spec.attempt)
    // Killed, or gone: which of the two is seen first is nobody's promise.
    expect(await waiting).toSatisfy((end: { code?: number; kind?: string }) => {
      return end.code === 137 || end.kind === 'refused'
    })
    const never = bench.spec('never', '').attempt
    await expect(bench.runner.wait(never, soon())).rejects.toMatchObject({ kind: 'refused' })
  })

  it('measures CPU and memory of what runs, and nothing else', async () => {
    const spec = bench.spec('usage', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; sleep 60')
    await bench.runner.start(spec)
    await readUntil(bench.runner, spec.attempt, 'done')
    const usage = await bench.runner.usage(spec.attempt)
    expect(usage?.cpuMs).toBeGreaterThan(1)
    expect(usage?.cpuMs).toBeLessThan(30_000)
    expect(usage?.memoryBytes).toBeGreaterThan(10_000)
    await bench.runner.stop(spec.attempt, 0)
    expect(await bench.runner.usage(spec.attempt)).toBeUndefined()
    await bench.runner.remove(spec.attempt)
    expect(await bench.runner.usage(spec.attempt)).toBeUndefined()
  })

  it('gives the whole output from any byte on, live and afterwards, to this engine and the next', async () => {
    const command =
      'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; echo err >&2; printf no-newline'
    const spec = bench.spec('offsets', command)
    await bench.runner.start(spec)
    const whole = await bench.outputOf(spec.attempt)
    expect(whole.split('\n').filter((line) => line.startsWith('line'))).toHaveLength(3000)
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

  it('keeps JSON output as bytes', async () => {
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
    expect(await readUntil(bench.runner, spec.attempt, 'name? ')).toBe('31 97\r\nname? ')
    await bench.runner.input(spec.attempt, Buffer.from('Ada\n'))
    await readUntil(bench.runner, spec.attempt, 'hello Ada')
    await bench.runner.resize(spec.attempt, 120, 40)
    await bench.runner.input(spec.attempt, Buffer.from('\n'))
    const whole = await bench.outputOf(spec.attempt)
    expect(whole).toBe('31 97\r\nname? Ada\r\nhello Ada\r\n\r\n40 120\r\n\u001b[1mdone')
    // The next engine reads the same.
    const adopter = bench.another()
    const pieces: Uint8Array[] = []
    for await (const piece of adopter.output(spec.attempt, 7, soon())) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe(whole.slice(7))
    await bench.runner.resize(spec.attempt, 80, 24)
    await expect(bench.runner.input(spec.attempt, Buffer.from('x'))).rejects.toMatchObject({
      kind: 'refused',
    })
    await bench.runner.remove(spec.attempt)
  })

  it('takes input for an agent that another engine started', async () => {
    const spec = bench.spec('tty-adopted', 'echo up; read a; read b; echo "$a and $b"', { tty: TTY })
    await bench.runner.start(spec)
    await readUntil(bench.runner, spec.attempt, 'up')
    const adopter = bench.another()
    await adopter.input(spec.attempt, Buffer.from('one\n'))
    await adopter.input(spec.attempt, Buffer.from('two\n'))
    expect((await adopter.wait(spec.attempt, soon())).code).toBe(0)
    expect(await readUntil(bench.runner, spec.attempt, 'one and two')).toContain('one and two')
    await bench.runner.remove(spec.attempt)
  })

  it('refuses input where there is no terminal', async () => {
    const spec = bench.spec('no-tty', 'sleep 60')
    await bench.runner.start(spec)
    await expect(bench.runner.input(spec.attempt, Buffer.from('x'))).rejects.toThrow(/no terminal/)
    await bench.runner.remove(spec.attempt)
  })

  it('serves a slow reader of a terminal everything', async () => {
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
}
