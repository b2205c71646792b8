import { createReadStream } from 'node:fs'
import { checked } from '../commands.ts'
import { PointError } from '../pointError.ts'
import { copyAccess } from './access.ts'
import type { Work } from './dump.ts'
import { differences, type Measure, measure } from './measure.ts'
import { besides, identifier, literal, type Postgres, type Session, withSession } from './psql.ts'
import { contentsOf, restoringRole } from './restoringRole.ts'

export const RESTORE_LIMIT_MS = 4 * 3_600_000
const ASK_LIMIT_MS = 10 * 60_000

/** Scratch databases of ours are called so; nothing else is ever dropped. */
const PREFIX = 'amphi_scratch_'

export interface ScratchRequest {
  /** The database whose place it is to take. */
  readonly database: string
  readonly file: string
  /** What was dumped. */
  readonly measure: Measure
  /** Of whoever asks: the same mark finds what it made before. */
  readonly mark: string
}

export const scratchName = (mark: string): string => `${PREFIX}${mark}`.slice(0, 63)
const doneComment = (mark: string): string => `amphitheatre: restored ${mark}`

/**
 * Restores a dump into a database of its own, with the rights and settings of the one it came from, and compares every
 * table with what was dumped. Whole, or it is not there: what an interrupted try left is dropped and made anew.
 */
export async function restoreScratch(postgres: Postgres, request: ScratchRequest, work: Work): Promise<void> {
  const { database, mark, file } = request
  const options = { limitMs: RESTORE_LIMIT_MS, signal: work.signal }
  const name = scratchName(mark)
  // One conversation from the first look to the last word: each costs as much as a small restore.
  await withSession(postgres, besides(database), options, async (session) => {
    if ((await commentOf(session, name)) === doneComment(mark)) return
    const listing = contentsOf(postgres, file, work)
    await Promise.all([listing, made(session, name, database)])
    const user = await restoringRole(postgres, session, name, await listing)
    await restoreInto(postgres, { name, user, file }, work)
    await compare(postgres, name, request.measure, work)
    await copyAccess(session, database, name)
    await session.ask(`COMMENT ON DATABASE ${identifier(name)} IS ${literal(doneComment(mark))}`)
  })
}

async function made(session: Session, name: string, like: string): Promise<void> {
  await dropOthers(session)
  await createLike(session, name, like)
}

export async function commentOf(session: Session, database: string): Promise<string | undefined> {
  const [comment] = await session.ask(
    `SELECT coalesce(shobj_description(oid, 'pg_database'), '-') FROM pg_database WHERE datname = ${literal(database)}`,
  )
  return comment
}

/** What tries of before have left: nobody waits for it any more, there is one restore at a time. */
async function dropOthers(session: Session): Promise<void> {
  const found = await session.ask(
    `SELECT datname FROM pg_database WHERE starts_with(datname, ${literal(PREFIX)})`,
  )
  for (const name of found) await session.ask(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`)
}

async function createLike(session: Session, name: string, like: string): Promise<void> {
  const [found] = await session.ask(
    `SELECT json_build_array(pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba))
     FROM pg_database WHERE datname = ${literal(like)}`,
  )
  if (found === undefined)
    throw new PointError(`there is no database ${like}.`, 'Look whether the target still has its database.')
  const [encoding, collate, type, owner] = JSON.parse(found) as [string, string, string, string]
  await session.ask(
    `CREATE DATABASE ${identifier(name)} TEMPLATE template0 ENCODING ${literal(encoding)} LC_COLLATE ${literal(collate)}
     LC_CTYPE ${literal(type)} OWNER ${identifier(owner)}`,
  )
}

async function restoreInto(
  postgres: Postgres,
  { name, user, file }: { readonly name: string; readonly user: string; readonly file: string },
  { signal }: Work,
): Promise<void> {
  const argv = ['pg_restore', '--exit-on-error', '--single-transaction', '--no-password', '-U', user]
  const call = {
    argv: [...argv, '-d', name],
    input: createReadStream(file),
    limitMs: RESTORE_LIMIT_MS,
    signal,
  }
  const open = await postgres.commands.open(call)
  for await (const _ of open.output) void _
  await checked(call, open)
}

/** An empty dump restores without a word: only what is there afterwards tells. */
async function compare(
  postgres: Postgres,
  name: string,
  want: Measure,
  { signal, say }: Work,
): Promise<void> {
  const options = { limitMs: RESTORE_LIMIT_MS, signal }
  const found = await withSession(postgres, name, options, (session) => measure(session))
  const differ = differences(want, found)
  if (differ.length > 0)
    throw new PointError(
      `What was restored is not what was dumped: ${differ.slice(0, 5).join('; ')}.`,
      'Go back to another point, and make a new one.',
    )
  say(`${Object.keys(want.tables).length} tables compared, all equal`)
}

export async function dropScratch(
  postgres: Postgres,
  database: string,
  mark: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { limitMs: ASK_LIMIT_MS, signal }
  await withSession(postgres, besides(database), options, async (session) => {
    await session.ask(`DROP DATABASE IF EXISTS ${identifier(scratchName(mark))} WITH (FORCE)`)
  })
}
