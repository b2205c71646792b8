import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Runner } from '../../engine/ports/runner.ts'
import { connectDocker } from './client.ts'
import { createTestBench, type TestBench } from './testBench.ts'
import { createTestDaemon, type TestDaemon } from './testDaemon.ts'
import { ensureTestImage } from './testImage.ts'

const LINES = 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done'
const root = process.getuid?.() === 0

interface Running {
  readonly daemon: TestDaemon
  readonly bench: TestBench
}

const defaultBridge = (): string[] => readdirSync('/sys/class/net').filter((name) => name === 'docker0')

async function withDaemon(flags: readonly string[], use: (running: Running) => Promise<void>): Promise<void> {
  const bridge = defaultBridge()
  const machine = connectDocker()
  await ensureTestImage(machine.docker)
  machine.close()
  const daemon = await createTestDaemon(flags)
  try {
    const bench = await createTestBench(daemon.socketPath)
    try {
      await use({ daemon, bench })
    } finally {
      await bench.dispose()
    }
  } finally {
    await daemon.dispose()
  }
  // The machine's own daemon must not notice.
  expect(defaultBridge()).toEqual(bridge)
}

/** Reads lines until told otherwise; they must count up from 0 without a gap or a repetition. */
function countLines(runner: Runner, spec: { attempt: Parameters<Runner['output']>[0] }, signal: AbortSignal) {
  const state = { lines: 0, text: '', over: Promise.resolve() }
  state.over = (async () => {
    for await (const piece of runner.output(spec.attempt, 0, signal)) {
      state.text += Buffer.from(piece).toString()
      state.lines = state.text.split('\n').length - 1
    }
  })()
  return state
}

const expectCounting = (text: string): void => {
  const lines = text.split('\n').slice(0, -1)
  expect(lines).toEqual(lines.map((_, index) => String(index)))
}

describe.skipIf(!root)('when the Docker daemon restarts', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'and takes its containers along (%s), agents end and nothing runs twice',
    async (signal) => {
      await withDaemon([], async ({ daemon, bench }) => {
        const spec = bench.spec('dies', `echo ran >> $AMPHITHEATRE_OUTPUT; ${LINES}`)
        await bench.runner.start(spec)
        const waiting = bench.runner.wait(spec.attempt, AbortSignal.timeout(60_000))
        const counted = countLines(bench.runner, spec, AbortSignal.timeout(60_000))
        await expect.poll(() => counted.lines).toBeGreaterThan(3)
        const back = Promise.withResolvers<void>()
        bench.runner.onReconnect(back.resolve)
        await daemon.end(signal)
        await expect(bench.runner.list()).rejects.toMatchObject({ kind: 'unavailable' })
        expect((await bench.runner.check()).status).toBe('unavailable')
        await daemon.start()
        await back.promise
        const exit = await waiting
        expect(exit.code).not.toBe(0)
        expect(await bench.runner.list()).toMatchObject([{ status: 'exited', exit: { code: exit.code } }])
        expect(await bench.runner.start(spec)).toMatchObject({ status: 'exited' })
        await counted.over
        expectCounting(counted.text)
        expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
        await bench.runner.remove(spec.attempt)
      })
    },
    90_000,
  )

  it('and leaves its containers running, agents go on and their output too', async () => {
    await withDaemon(['--live-restore'], async ({ daemon, bench }) => {
      const spec = bench.spec('lives', `echo ran >> $AMPHITHEATRE_OUTPUT; ${LINES}`)
      const short = bench.spec('short', 'until [ -e /amphitheatre/go ]; do sleep 0.02; done; exit 7')
      for (const one of [spec, short]) await bench.runner.start(one)
      const ends = [spec, short].map((one) => bench.runner.wait(one.attempt, AbortSignal.timeout(60_000)))
      const counted = countLines(bench.runner, spec, AbortSignal.timeout(60_000))
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const back = Promise.withResolvers<void>()
        const forget = bench.runner.onReconnect(back.resolve)
        await daemon.end(signal)
        // This one ends while nobody looks.
        if (signal === 'SIGKILL') writeGo(short.exchange)
        await daemon.start()
        await back.promise
        forget()
        const before = counted.lines
        await expect.poll(() => counted.lines, { timeout: 10_000 }).toBeGreaterThan(before + 3)
      }
      expect((await ends[1])?.code).toBe(7)
      expect((await bench.runner.find(spec.attempt))?.status).toBe('running')
      await bench.runner.stop(spec.attempt, 5_000)
      expect((await ends[0])?.code).toBe(143)
      await counted.over
      expectCounting(counted.text)
      expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
      for (const one of [spec, short]) await bench.runner.remove(one.attempt)
    })
  }, 90_000)

  it('says so when no address range is left for another run', async () => {
    const pool = '--default-address-pool=base=10.213.7.0/24,size=24'
    await withDaemon([pool], async ({ bench }) => {
      const first = bench.spec('first', 'true', { network: 'run' })
      expect((await bench.runOnce(first)).code).toBe(0)
      const second = bench.spec('second', 'true', {
        network: 'run',
        run: `${first.run}-b` as typeof first.run,
      })
      await expect(bench.runner.start(second)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('address ranges'),
      })
      await bench.runner.releaseRun(first)
      expect((await bench.runOnce(second)).code).toBe(0)
      await bench.runner.releaseRun(second)
    })
  }, 60_000)
})

function writeGo(exchange: string): void {
  writeFileSync(join(exchange, 'go'), '')
}
