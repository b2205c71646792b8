import { readFile } from 'node:fs/promises'
import type { DoorReply } from '../door/door.ts'

/** Bytes of a published file that are given through MCP; larger ones are fetched by `amphi-agent get`. */
export const MOST_BYTES = 256 * 1024

type Stored = NonNullable<DoorReply['file']>

/** The bytes of a published file, undefined when they are too many or gone. */
export async function storedBytes({ path, bytes }: Stored): Promise<Buffer | undefined> {
  if (bytes > MOST_BYTES) return undefined
  return readFile(path).catch(() => undefined)
}

/** A published file as text; a reason, with the remedy, where it cannot be given so. */
export async function storedText(
  file: Stored,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }> {
  const data = await storedBytes(file)
  const text = data === undefined ? undefined : utf8(data)
  if (text !== undefined) return { ok: true, text }
  const why = data === undefined ? `it is larger than ${MOST_BYTES} bytes, or gone` : 'it is no text'
  return {
    ok: false,
    reason: `Not given here: ${why}. Fetch it into a file: amphi-agent get ${file.hash} FILE`,
  }
}

export function utf8(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch {
    return undefined
  }
}
