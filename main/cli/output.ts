import type { Style } from './view/style.ts'
import { styleFor } from './view/style.ts'

/** Where a command writes. Results go to standard output, remarks and questions to standard error. */
export interface Output {
  readonly json: boolean
  /** Both ends are a terminal that can be drawn on. */
  readonly isTty: boolean
  readonly style: Style
  columns(): number
  rows(): number
  /** Resolves when there is room for more. */
  write(data: string | Uint8Array): Promise<void>
  line(text?: string): Promise<void>
  /** One JSON object on a line of its own. */
  object(value: unknown): Promise<void>
  note(text: string): void
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

export function processOutput(streams: OutputStreams, env: NodeJS.ProcessEnv, json: boolean): Output {
  const { stdout, stderr } = streams
  const isTty = stdout.isTTY === true && env.TERM !== 'dumb'
  const write = (data: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stdout.write(data, (error) => (error == null ? resolve() : reject(error)))
    })
  return {
    json,
    isTty,
    style: styleFor(env, isTty),
    columns: () => widthOf(stdout.columns, env.COLUMNS),
    rows: () => (isTty ? (stdout.rows ?? 24) : 24),
    write,
    line: (text = '') => write(`${text}\n`),
    object: (value) => write(`${plainJson(value)}\n`),
    note: (text) => {
      stderr.write(`${text}\n`)
    },
  }
}

/** JSON leaves DEL and the second set of control characters as they are; some terminals obey them. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function widthOf(columns: number | undefined, variable: string | undefined): number {
  const width = columns ?? Number(variable)
  return Number.isInteger(width) && width >= 20 ? width : 80
}
