/** A report of a tool, as it was found. What it holds was written by an agent: nothing of it is trusted. */
export interface Report {
  readonly path: string
  readonly content: Uint8Array
}

/** Thrown by readers, with what is wrong in words: the condition is an error then, which never passes. */
export class UnreadableReport extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnreadableReport'
  }
}

/** Names and messages out of reports are cut to this. */
const MOST_CHARACTERS = 300

/** Text out of a report, in one line that a terminal can show. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`
}

/** Throws for what is not text in UTF-8. */
export function textOf({ path, content }: Report): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new UnreadableReport(`${path} is not text in UTF-8`)
  }
  if (text.includes('\0')) throw new UnreadableReport(`${path} holds NUL characters: it is no report`)
  return text
}

/** Throws for what is no JSON object. */
export function objectOf(report: Report): Readonly<Record<string, unknown>> {
  const value = parsed(report)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  throw new UnreadableReport(`${report.path} is not a JSON object`)
}

function parsed(report: Report): unknown {
  try {
    return JSON.parse(textOf(report))
  } catch (error) {
    if (error instanceof UnreadableReport) throw error
    throw new UnreadableReport(`${report.path} is not JSON: ${oneLine((error as Error).message)}`)
  }
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

/** A list, or nothing where the key is missing; throws for anything else, which would hide what it holds. */
export function listOf(value: unknown, what: string, { path }: Report): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new UnreadableReport(`${what} of ${path} is not a list`)
}

/** Of what is said to be records; throws where one is not. */
export function recordsOf(
  value: unknown,
  what: string,
  report: Report,
): readonly Readonly<Record<string, unknown>>[] {
  return listOf(value, what, report).map((item) => {
    const record = asRecord(item)
    if (record !== undefined) return record
    throw new UnreadableReport(`an entry of ${what} of ${report.path} is not an object`)
  })
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
