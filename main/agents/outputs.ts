import type { OutputsResult } from '../engine/ports/agentFiles.ts'

/** All of an attempt's outputs together. */
export const MAX_OUTPUTS_BYTES = 64 * 1024

const LINE = /^([A-Za-z_][A-Za-z0-9_-]{0,63})=(.*)$/

/** `name=value` lines; the last value of a name counts. Empty lines are passed over. */
export function parseOutputs(text: string): OutputsResult {
  const outputs = new Map<string, string>()
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
    if (trimmed === '') continue
    const match = LINE.exec(trimmed)
    if (match === null) {
      return { ok: false, error: `line ${i + 1} of its outputs is not name=value: ${trimmed.slice(0, 60)}` }
    }
    outputs.set(match[1]!, match[2]!)
  }
  return { ok: true, outputs: Object.fromEntries(outputs) }
}
