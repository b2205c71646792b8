import { setTimeout as delay } from 'node:timers/promises'
import { PointError } from '../pointError.ts'
import type { Work } from './dump.ts'
import { besides, identifier, literal, type Postgres, type Session, withSession } from './psql.ts'
import { commentOf, scratchName } from './scratch.ts'

const LIMIT_MS = 5 * 60_000
/** Whoever is in a database is sent away; so often it is looked whether all have gone. */
const GOODBYES = 100
const GOODBYE_MS = 50

export interface SwapRequest {
  readonly database: string
  readonly mark: string
  /** Wall clock, ms: when the database that is put aside was the present one for the last time. */
  readonly at: number
}

/** A comment on each database that was put aside: nothing else is ever taken for one. */
export const PUT_ASIDE = 'amphitheatre: put aside '
/** As it was written before the moment was. */
const putAside = (mark: string): string => `${PUT_ASIDE}${mark}`
const putAsideAt = (mark: string): string => `${putAside(mark)} at ${Date.now()}`
const inPlace = (mark: string): string => `amphitheatre: in place ${mark}`

/**
 * The restored database takes the place of the present one, which is kept under another name: two renames in one
 * transaction. Nobody is in either meanwhile, and nobody gets in between. Resolves to the name of the one put aside;
 * done twice it finds it done.
 */
export async function swap(postgres: Postgres, request: SwapRequest, { signal, say }: Work): Promise<string> {
  const { database, mark } = request
  const scratch = scratchName(mark)
  return withSession(postgres, besides(database), { limitMs: LIMIT_MS, signal }, async (session) => {
    const done = await putAsideBy(session, mark)
    if (done !== undefined) {
      await letIn(session, [database, done])
      return done
    }
    if ((await commentOf(session, scratch)) === undefined)
      throw new PointError(
        `The restored database ${scratch} is not there any more.`,
        'Retry the step before, which restores it.',
      )
    const kept = await freeName(session, database, request.at)
    await keepOut(session, [database, scratch])
    await session.ask(
      [
        'BEGIN',
        `ALTER DATABASE ${identifier(database)} RENAME TO ${identifier(kept)}`,
        `ALTER DATABASE ${identifier(scratch)} RENAME TO ${identifier(database)}`,
        `COMMENT ON DATABASE ${identifier(kept)} IS ${literal(putAsideAt(mark))}`,
        `COMMENT ON DATABASE ${identifier(database)} IS ${literal(inPlace(mark))}`,
        'COMMIT',
      ].join(';\n'),
    )
    await letIn(session, [database, kept])
    say(`${database} was put aside as ${kept}`)
    return kept
  })
}

/** After a swap that broke off: everybody may in again. Resolves to whether the restored one is in its place. */
export async function reopen(
  postgres: Postgres,
  { database, mark }: SwapRequest,
  signal: AbortSignal,
): Promise<boolean> {
  return withSession(postgres, besides(database), { limitMs: LIMIT_MS, signal }, async (session) => {
    const done = await putAsideBy(session, mark)
    await letIn(session, done === undefined ? [database] : [database, done])
    return done !== undefined
  })
}

async function putAsideBy(session: Session, mark: string): Promise<string | undefined> {
  const [name] = await session.ask(
    `SELECT datname FROM (SELECT datname, shobj_description(oid, 'pg_database') AS words FROM pg_database) found
     WHERE words = ${literal(putAside(mark))} OR starts_with(words, ${literal(`${putAside(mark)} at `)})`,
  )
  return name
}

/** `shop_since_1435`; with a number where that is taken. */
async function freeName(session: Session, database: string, at: number): Promise<string> {
  const names = new Set(await session.ask('SELECT datname FROM pg_database'))
  for (let n = 1; ; n++) {
    const name = keptName(database, at, n)
    if (!names.has(name)) return name
  }
}

const MAX_BYTES = 63

/** `1435` */
export function timeOf(at: number): string {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes()].map((value) => String(value).padStart(2, '0')).join('')
}

export function keptName(database: string, at: number, n = 1): string {
  const end = `_since_${timeOf(at)}${n === 1 ? '' : `_${n}`}`
  let start = database
  while (Buffer.byteLength(start + end) > MAX_BYTES) start = start.slice(0, -1)
  return start + end
}

async function keepOut(session: Session, names: readonly string[]): Promise<void> {
  for (const name of names)
    await session.ask(`ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS false`)
  const list = names.map(literal).join(', ')
  for (let tries = 0; tries < GOODBYES; tries++) {
    const left = await session.ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (${list}) AND pid <> pg_backend_pid()`,
    )
    if (left.length === 0) return
    await delay(GOODBYE_MS)
  }
  await letIn(session, names)
  throw new PointError('Somebody does not leave the database.', 'End what uses it, then retry the step.')
}

async function letIn(session: Session, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const there = await session.ask(
      `SELECT 1 FROM pg_database WHERE datname = ${literal(name)} AND NOT datallowconn`,
    )
    if (there.length > 0) await session.ask(`ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS true`)
  }
}
