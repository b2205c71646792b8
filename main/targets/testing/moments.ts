import type { ActionSpec } from '../actions.ts'
import type { Acted, TargetBench } from './bench.ts'

/** Carries an action out; `then` is called once for each step, when it is announced, with its number from 1. */
export async function atSteps(
  bench: TargetBench,
  spec: ActionSpec,
  then: (step: number, of: number) => void | Promise<void>,
  onWords: (words: string) => void | Promise<void> = () => undefined,
): Promise<Acted> {
  await bench.runner.start(spec)
  const watch = new AbortController()
  const watching = follow(bench, spec, watch.signal, then, onWords)
  const acted = await bench.ended(spec)
  watch.abort()
  await watching
  return acted
}

async function follow(
  bench: TargetBench,
  { attempt }: ActionSpec,
  signal: AbortSignal,
  then: (step: number, of: number) => void | Promise<void>,
  onWords: (words: string) => void | Promise<void>,
): Promise<void> {
  let [told, rest] = [0, '']
  try {
    for await (const piece of bench.runner.output(attempt, 0, signal)) {
      rest += Buffer.from(piece).toString()
      const lines = rest.split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const [, step, of] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? []
        if (step === undefined) await onWords(line)
        else if (Number(step) > told) {
          told = Number(step)
          await then(told, Number(of))
        }
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
