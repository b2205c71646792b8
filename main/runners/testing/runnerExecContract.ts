import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AgentCommandResult, AgentSpec } from '../../engine/ports/runner.ts'
import { type RunnerBench, readUntil } from './runnerContract.ts'

const never = new AbortController().signal
/** Goes on printing its number into a file for as long as it lives. */
const BEATS = 'while :; do echo beat >>beats; sleep 0.05; done'

/** Commands beside an agent. */
export function runnerExecContract(open: () => Promise<RunnerBench>): void {
  let bench: RunnerBench
  let spec: AgentSpec
  const exec = (command: string, ms = 30_000, signal = never): Promise<AgentCommandResult> =>
    bench.runner.exec(spec.attempt, command, ms, signal)

  beforeAll(async () => {
    bench = await open()
    spec = bench.spec('exec', 'export INNER=1; echo "$PPID" >/dev/null; echo up; sleep 300', {
      env: { GIVEN: 'a value' },
    })
    await bench.runner.start(spec)
    await readUntil(bench.runner, spec.attempt, 'up')
  }, 60_000)
  afterAll(async () => {
    await bench.runner.remove(spec.attempt)
    await bench.dispose()
  })

  it('runs a command with any quoting beside the agent, and gives its code and what it printed', async () => {
    const { code, output } = await exec(`printf '%s|' "a b" 'c"d' '$x' 'e\\nf'; echo bad >&2; exit 3`)
    expect(code).toBe(3)
    expect(output.replace('bad\n', '')).toBe('a b|c"d|$x|e\\nf|')
    expect(output).toContain('bad\n')
    expect(await exec('exit 0')).toEqual({ code: 0, output: '' })
    expect(await exec('kill -9 $$')).toMatchObject({ code: 137 })
    expect((await exec('no-such-program')).code).toBe(127)
  })

  it('gives it the user, environment and working folder of the agent', async () => {
    const asAgent = bench.spec('exec-same', 'id; pwd; env | sort; echo end; sleep 60', {
      env: { GIVEN: 'x' },
    })
    await bench.runner.start(asAgent)
    const theirs = await readUntil(bench.runner, asAgent.attempt, 'end\n')
    const { output } = await bench.runner.exec(
      asAgent.attempt,
      'id; pwd; env | sort; echo end',
      30_000,
      never,
    )
    const comparable = (text: string): readonly string[] =>
      text.split('\n').filter((line) => !/^(SHLVL|_|OLDPWD|AMPHITHEATRE_COMMAND_KEY)=/.test(line))
    expect(comparable(output)).toEqual(comparable(theirs))
    expect(output).toContain('GIVEN=x\n')
    await bench.runner.remove(asAgent.attempt)
  })

  it('has no more rights than the agent', async () => {
    const rights = `grep -E '^(Cap|NoNewPrivs)' /proc/self/status`
    const { output } = await exec(rights)
    expect(output).toMatch(/CapEff:\s+0{16}/)
    expect(output).toMatch(/NoNewPrivs:\s+1/)
  })

  it('keeps the end of a long output, 64 KiB', async () => {
    const { output } = await exec(
      'i=0; while [ $i -lt 9000 ]; do echo "line é $i"; i=$((i+1)); done; echo last',
    )
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(64 * 1024)
    expect(Buffer.byteLength(output)).toBeGreaterThan(64 * 1024 - 8)
    expect(output.endsWith('line é 8999\nlast\n')).toBe(true)
    expect(output).not.toContain('�')
  })

  it('ends what takes too long, with all it started, and says 124', async () => {
    const answer = await exec(
      `rm -f beats; cd "$HOME"; rm -f beats; echo before; (${BEATS}) & sleep 300`,
      1_500,
    )
    expect(answer).toEqual({ code: 124, output: 'before\n' })
    expect(await stillBeats()).toBe('over')
  })

  it('rejects on abort, and ends the command', async () => {
    const stop = new AbortController()
    const running = exec(`cd "$HOME"; rm -f beats; (${BEATS}) & sleep 300`, 60_000, stop.signal)
    running.catch(() => undefined)
    expect((await exec('cd "$HOME"; until [ -s beats ]; do sleep 0.02; done', 20_000)).code).toBe(0)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(await stillBeats()).toBe('over')
    await expect(exec('true', 1_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  })

  it('does not wait for what a command leaves behind with its output open', async () => {
    const started = performance.now()
    expect(await exec('sleep 20 & echo done')).toEqual({ code: 0, output: 'done\n' })
    expect(performance.now() - started).toBeLessThan(15_000)
  })

  it('refuses where the agent is paused, over, or nowhere', async () => {
    const other = bench.spec('exec-not', 'sleep 60')
    const asked = (): Promise<unknown> => bench.runner.exec(other.attempt, 'true', 5_000, never)
    await expect(asked()).rejects.toMatchObject({ kind: 'refused' })
    await bench.runner.start(other)
    await bench.runner.pause(other.attempt)
    await expect(asked()).rejects.toMatchObject({ kind: 'refused' })
    await bench.runner.resume(other.attempt)
    const caught = bench.runner
      .exec(other.attempt, 'sleep 60', 60_000, never)
      .catch((error: unknown) => error)
    await bench.runner.exec(other.attempt, 'true', 20_000, never)
    await bench.runner.stop(other.attempt, 0)
    expect(await caught).toSatisfy((end: { code?: number; kind?: string }) => {
      return end.code === 137 || end.kind === 'refused'
    })
    await expect(asked()).rejects.toMatchObject({ kind: 'refused' })
    await bench.runner.remove(other.attempt)
  })

  /** Twice as long as a beat takes, nothing is written. */
  async function stillBeats(): Promise<string> {
    const look = 'cd "$HOME"; : >beats; sleep 0.3; if [ -s beats ]; then echo beats; else echo over; fi'
    return (await exec(look)).output.trim()
  }
}
