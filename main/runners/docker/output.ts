import { NOT_WATCHING } from './exitWatch.ts'
import { endsWithin, followLogs, type LogSource, NEWS_MS } from './logs.ts'
import type { Terminal } from './terminal.ts'

/**
 * The output from byte `from` on: of a terminal attached since its start live and byte by byte, of everything else
 * from Docker's log. A reader that fell behind the terminal, or outlives its connection, goes on in the log.
 */
export async function* agentOutput(
  source: LogSource,
  terminal: Terminal | undefined,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let position = from
  const { watch } = source
  const connection = watch.generation
  while (terminal !== undefined && !terminal.ended) {
    const reachable = terminal.start
    if (position < reachable) {
      for await (const piece of upTo(followLogs(source, position, signal), reachable - position)) {
        position += piece.length
        yield piece
      }
      // The log ended early: the agent is over and this was all.
      if (position < reachable) return
    }
    for await (const piece of terminal.read(position, signal)) {
      position += piece.length
      yield piece
    }
  }
  // The daemon feeds terminal and log from the same stream. Where it closed the terminal and then told of the end, over
  // a connection that has held since before, nothing is left to be read: a call less for every agent.
  if (terminal?.isEnd(position) && connection !== NOT_WATCHING) {
    if ((await endsWithin(source, NEWS_MS, signal)) && watch.generation === connection) return
  }
  yield* followLogs(source, position, signal)
}

async function* upTo(pieces: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let left = limit
  for await (const piece of pieces) {
    yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}
