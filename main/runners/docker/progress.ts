import { RunnerError } from '../../engine/ports/runner.ts'
import { type Bytes, jsonLines } from './jsonLines.ts'

interface ProgressItem {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly error?: string
  readonly errorDetail?: { readonly message?: string }
}

/**
 * Reads a build, pull or import stream to its end, one line of progress at a time. Docker answers 200 before it
 * begins, so a failure is only an item in the stream: it is thrown as `RunnerError('refused')`.
 */
export async function followProgress(
  stream: Bytes,
  doing: string,
  remedy: string,
  onLine: (line: string) => void,
): Promise<void> {
  let failure: string | undefined
  let shown = ''
  for await (const item of jsonLines<ProgressItem>(stream)) {
    failure ??= item.errorDetail?.message ?? item.error
    for (const line of wordsOf(item)) {
      // Layers repeat their status with every percent.
      if (line !== shown) onLine(line)
      shown = line
    }
  }
  if (failure !== undefined)
    throw new RunnerError('refused', `Docker could not ${doing}: ${failure.trim()}`, remedy)
}

function wordsOf(item: ProgressItem): readonly string[] {
  const text = item.stream ?? (item.status === undefined ? '' : `${item.id ?? ''} ${item.status}`)
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
