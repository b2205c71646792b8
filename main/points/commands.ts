import type { Readable } from 'node:stream'
import { GONE, isFullIn } from '../targets/docker/sayings.ts'
import { PointError } from './pointError.ts'

/**
 * Runs programs where a target's data is: in a container, over ssh, here. Never through a terminal, which would change
 * what is binary. One narrow seam: everything a point does to a database goes through it.
 */
export interface Commands {
  /** Starts one. Rejects when it could not be started; how it ends is in `ended`. */
  open(call: CommandCall): Promise<OpenCommand>
}

export interface CommandCall {
  readonly argv: readonly string[]
  /** Fed to its standard input, which is closed then. Without it, standard input is written by hand. */
  readonly input?: Readable
  /** It has no input at all. */
  readonly quiet?: boolean
  /** It is ended after so long. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

export interface OpenCommand {
  /** Its standard output, as it comes. Must be read to the end. */
  readonly output: AsyncIterable<Buffer>
  write(text: string): void
  /** Closes its standard input. */
  endInput(): void
  /** Once its output is at its end. */
  readonly ended: Promise<CommandEnd>
  /** Lets go of it at once. */
  drop(): void
}

export interface CommandEnd {
  readonly code: number
  /** The end of what it said on standard error. */
  readonly words: string
}

const MAX_TEXT = 16 * 1024 * 1024

/** Runs one to its end; its output as text. Throws where it fails. */
export async function textOf(commands: Commands, call: CommandCall): Promise<string> {
  const open = await commands.open({ quiet: call.input === undefined, ...call })
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of open.output) {
    size += piece.length
    if (size > MAX_TEXT) {
      open.drop()
      throw new PointError(
        `${call.argv[0]} said more than ${MAX_TEXT} bytes.`,
        'This is a defect; please report it.',
      )
    }
    pieces.push(piece)
  }
  await checked(call, open)
  return Buffer.concat(pieces).toString('utf8')
}

/** Without a word it may be that Docker was cut off before the command began. */
const isNotRun = (code: number): boolean => code === 126 || code === 127

/** Waits for its end and throws where that is none of success. */
export async function checked(call: CommandCall, open: OpenCommand): Promise<void> {
  const { code, words } = await open.ended
  if (code === 0) return
  // Whoever did not answer, or went away, has said nothing of what it was asked.
  const passing = code === TIMED_OUT || GONE.test(words) || (isNotRun(code) && words.trim() === '')
  throw new PointError(failureWords(call, code, words), remedyOf(code, words), { passing })
}

function failureWords({ argv, limitMs }: CommandCall, code: number, words: string): string {
  const name = argv[0]!
  if (code === NOT_OVER) return `${name} does not end, and says nothing any more.`
  if (code === TIMED_OUT) return `${name} did not end within ${Math.round(limitMs / 1000)} s.`
  if (isNotRun(code)) return `${name} cannot be run where the data is.`
  const said = words.trim().split('\n').slice(-3).join(' ').slice(0, 500)
  return said === '' ? `${name} ended with code ${code}.` : `${name}: ${said}`
}

function remedyOf(code: number, words: string): string {
  if (isNotRun(code)) return 'Add it to the image, or name commands of your own ("hook") for the database.'
  if (isFullIn(words)) return 'Free some disk space, then retry.'
  return 'Look at what it says, then retry.'
}

/** What `timeout` answers, too. */
export const TIMED_OUT = 124
/** Nobody hears it any more, but it goes on. */
export const NOT_OVER = -1
