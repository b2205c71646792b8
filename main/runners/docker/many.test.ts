import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestBench, type TestBench } from './testBench.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await createTestBench()
}, 60_000)
afterAll(() => bench.dispose())

/** The long form starts ten thousand (`npm run soak containers`). */
const AGENTS = Number(process.env.AMPHITHEATRE_CONTAINERS ?? 64)
const PARALLEL = 16

it('loses none of many short-lived agents, their exit codes or their output', async () => {
  const results: { code: number; output: string }[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < AGENTS) {
      const index = next++
      const spec = bench.spec(`many-${index}`, `echo out-${index}; exit ${index % 3}`)
      await bench.runner.start(spec)
      const [exit, output] = await Promise.all([
        bench.runner.wait(spec.attempt, AbortSignal.timeout(60_000)),
        bench.outputOf(spec.attempt),
      ])
      await bench.runner.remove(spec.attempt)
      results[index] = { code: exit.code, output }
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  expect(results).toEqual(
    Array.from({ length: AGENTS }, (_, index) => ({ code: index % 3, output: `out-${index}\n` })),
  )
  expect(await bench.runner.list()).toEqual([])
}, 120_000)
