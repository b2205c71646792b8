import { stripVTControlCharacters } from 'node:util'
import type { OutputFile } from './ports/agentFiles.ts'

/** Read of the end of the output; what is shown of it is less. */
const READ_BYTES = 16 * 1024
const MAX_LINES = 20
const MAX_CHARS = 2_000

/** The last lines of an output as plain text, without colours and empty lines. */
export async function outputTail(file: OutputFile): Promise<string> {
  const size = await file.size()
  const { data } = await file.read(Math.max(0, size - READ_BYTES), READ_BYTES)
  return lastLines(Buffer.from(data).toString('utf8'))
}

export function lastLines(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split(/\r\n|\n/)
    // What a progress bar overwrote is gone.
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).replace(/(?!\t)\p{Cc}/gu, ''))
    .filter((line) => line.trim() !== '')
  return lines.slice(-MAX_LINES).join('\n').slice(-MAX_CHARS)
}
