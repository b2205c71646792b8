import { fetched } from '../fetched.ts'
import type { Written } from '../files.ts'
import { type Measure, measure } from './measure.ts'
import { type Postgres, type Session, withSession } from './psql.ts'

export interface Work {
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** A checkpoint of a busy machine has been seen to stall a dump for a minute. */
const DUMP_LIMIT_MS = 4 * 3_600_000

/**
 * Dumps a database and measures it, both as of one and the same moment, however much is written meanwhile, and both at
 * once. The file is on the disk when this resolves.
 */
export async function dump<T>(
  postgres: Postgres,
  database: string,
  file: string,
  { signal, say }: Work,
  /** What else is asked in the same conversation: each of its own costs more than most answers. */
  also: (session: Session) => Promise<T>,
): Promise<Written & { readonly measure: Measure; readonly also: T }> {
  const failed = new AbortController()
  const options = { limitMs: DUMP_LIMIT_MS, signal: AbortSignal.any([signal, failed.signal]) }
  return withSession(postgres, database, options, async (session) => {
    await session.ask('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const [snapshot] = await session.ask('SELECT pg_export_snapshot()')
    const dumping = writeDump(postgres, { database, file, snapshot: snapshot! }, options)
    const measuring = measure(session)
    const both = [dumping, measuring] as const
    try {
      const [written, found] = await Promise.all(both)
      say(`${database}: ${written.bytes} bytes`)
      await session.ask('COMMIT')
      return { ...written, measure: found, also: await also(session) }
    } catch (error) {
      // Nothing is written any more when it is told.
      failed.abort(error)
      await Promise.allSettled(both)
      throw error
    }
  })
}

async function writeDump(
  postgres: Postgres,
  {
    database,
    file,
    snapshot,
  }: { readonly database: string; readonly file: string; readonly snapshot: string },
  options: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Written> {
  const argv = ['pg_dump', '-Fc', '-Z1', '--no-password', `--snapshot=${snapshot}`, '-U', postgres.user]
  const call = { argv: [...argv, '-d', database], quiet: true, ...options }
  return fetched(postgres.commands, call, file)
}
