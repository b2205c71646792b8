import { type Commands, checked, type OpenCommand } from '../commands.ts'
import { PointError } from '../pointError.ts'

/** Where a PostgreSQL is, and as whom it is asked: a superuser, by the socket of its own machine. */
export interface Postgres {
  readonly commands: Commands
  readonly user: string
}

const FLAGS = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1']
/** Rows look the same to whoever asks, whatever the database's own settings. */
const SETTINGS = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  'SET extra_float_digits = 1',
  "SET bytea_output = 'hex'",
  'SET search_path = pg_catalog',
  "SET lc_monetary = 'C'",
  // Limits a database sets are for its own clients: ours waits while a dump is written.
  'SET statement_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'",
  'SET default_transaction_read_only = off',
  // What was a table when it was listed may be a view by now, with functions of its owner in it; as pg_dump does it.
  `SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`,
  // A lock that nobody gives back must not hold us for ever.
  "SET lock_timeout = '60s'",
].join(';\n')

export const psqlArgs = ({ user }: Postgres, database: string): readonly string[] => [
  'psql',
  ...FLAGS,
  '-U',
  user,
  '-d',
  database,
]

/** A conversation with a database: one transaction may be held open while others look at the same state. */
export class Session {
  readonly #open: OpenCommand
  readonly #call: Parameters<Commands['open']>[0]
  readonly #lines: AsyncGenerator<string>
  #marks = 0

  private constructor(call: Parameters<Commands['open']>[0], open: OpenCommand) {
    this.#call = call
    this.#open = open
    this.#lines = linesOf(open.output)
  }

  static async begin(
    postgres: Postgres,
    database: string,
    options: { readonly limitMs: number; readonly signal: AbortSignal },
  ): Promise<Session> {
    const call = { argv: psqlArgs(postgres, database), ...options }
    const session = new Session(call, await postgres.commands.open(call))
    await session.ask(SETTINGS)
    return session
  }

  /** Carries statements out; what they answer, a line each. Throws with psql's own words. */
  async ask(sql: string): Promise<readonly string[]> {
    const mark = `amphitheatre-mark-${++this.#marks}`
    // A statement that ends in a psql command (`\gexec`) takes no semicolon.
    this.#open.write(`${sql}${/\\\w+\s*$/.test(sql) ? '' : ';'}\n\\echo ${mark}\n`)
    const found: string[] = []
    for (;;) {
      const next = await this.#lines.next()
      if (next.done === true) {
        await checked(this.#call, this.#open)
        throw new PointError(
          'psql ended before it answered.',
          'Look whether the database is up, then retry.',
          {
            passing: true,
          },
        )
      }
      if (next.value === mark) return found
      if (next.value !== '') found.push(next.value)
    }
  }

  /** Ends it; what was not committed is undone. */
  async end(): Promise<void> {
    this.#open.endInput()
    for await (const _ of this.#lines) void _
    await checked(this.#call, this.#open)
  }

  drop(): void {
    this.#open.drop()
  }
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}

/** One conversation, ended whatever comes of it. */
export async function withSession<T>(
  postgres: Postgres,
  database: string,
  options: { readonly limitMs: number; readonly signal: AbortSignal },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.begin(postgres, database, options)
  try {
    const result = await work(session)
    await session.end()
    return result
  } catch (error) {
    session.drop()
    throw error
  }
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The database to be in while another is renamed or dropped. */
export const besides = (name: string): string => (name === 'postgres' ? 'template1' : 'postgres')
