// What is done to the SQLite file of a target, by Node's own SQLite; it runs in a container that has the file's volume
// and nothing else. Each verb answers JSON in one line. Code 3 is an answer too: the words are for people, then a line
// with what to do.
//
//   backup FILE COPY           as of one moment, however much is written meanwhile
//   measure FILE | count FILE  what is in it
//   swap FILE OTHER KEPT       OTHER takes the place of FILE, which stays as KEPT
//   unswap FILE KEPT           after a swap that was cut short
//   aside FILE                 what was put aside
//   drop FILE KEPT             one of those
//   tidy FILE BUT              what interrupted tries have left, but for one
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'

const BUSY_MS = 30_000
/** Whoever has the file open still is waited for so long. */
const LEAVE_MS = 10_000
const PAGES = 10_000
const BESIDE = ['-wal', '-shm', '-journal']
/** Where tools that migrate keep what they have done. */
const VERSION_TABLES = [
  ['alembic_version', 'version_num'],
  ['schema_migrations', 'version'],
  ['flyway_schema_history', 'version'],
  ['knex_migrations', 'name'],
  ['_prisma_migrations', 'migration_name'],
  ['django_migrations', 'app || name'],
]

class Refusal extends Error {
  constructor(message, remedy) {
    super(message)
    this.remedy = remedy
  }
}

function open(file) {
  const database = new DatabaseSync(file)
  // What a schema says may not reach for functions that do something.
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA trusted_schema = OFF`)
  return database
}

const name = (text) => `"${text.replaceAll('"', '""')}"`
const clear = (file) => {
  for (const end of ['', ...BESIDE]) rmSync(`${file}${end}`, { force: true })
}

function sync(path) {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const verbs = {
  async backup(file, copy) {
    clear(copy)
    // A service that has not begun yet has no file: that is a database without anything in it.
    if (!existsSync(file) || statSync(file).size === 0) {
      const empty = open(copy)
      empty.exec('CREATE TABLE x (x); DROP TABLE x; VACUUM')
      empty.close()
      return {}
    }
    const database = open(file)
    try {
      // Within a transaction that reads: others may write meanwhile, and it is not begun anew because of that.
      database.exec('BEGIN')
      database.prepare('SELECT count(*) FROM sqlite_master').get()
      await backup(database, copy, { rate: PAGES })
      database.exec('COMMIT')
    } finally {
      database.close()
    }
    sync(copy)
    return {}
  },

  measure(file) {
    const database = open(file)
    try {
      const [first] = database.prepare('PRAGMA integrity_check(1)').all()
      if (first.integrity_check !== 'ok') throw damaged(file, first.integrity_check)
      const tables = Object.fromEntries(tablesOf(database).map((table) => [table, sumOf(database, table)]))
      return { tables, schemaVersion: versionOf(database, tables) }
    } finally {
      database.close()
    }
  },

  count(file) {
    if (!existsSync(file)) return {}
    const database = open(file)
    try {
      const rows = (table) => database.prepare(`SELECT count(*) AS n FROM ${name(table)}`).get().n
      return Object.fromEntries(tablesOf(database).map((table) => [table, rows(table)]))
    } finally {
      database.close()
    }
  },

  async swap(file, other, kept) {
    const done = keptBy(file, kept)
    if (!existsSync(other)) {
      if (done !== undefined && existsSync(file)) return { kept: done }
      throw new Refusal(
        `The restored database ${other} is not there any more.`,
        'Retry the step before, which restores it.',
      )
    }
    if (!existsSync(file)) {
      renameSync(other, file)
      sync(dirname(file))
      return { kept: null }
    }
    await quiet(file)
    // Both names are its own for a moment: at no time is there no database.
    const aside = done ?? kept
    if (done === undefined) linkSync(file, aside)
    utimesSync(aside, new Date(), new Date())
    sync(other)
    renameSync(other, file)
    sync(dirname(file))
    return { kept: aside }
  },

  unswap(file, kept) {
    const done = keptBy(file, kept)
    if (done === undefined) return { inPlace: false }
    if (existsSync(file) && statSync(file).ino !== statSync(done).ino) return { inPlace: true }
    rmSync(done)
    sync(dirname(file))
    return { inPlace: false }
  },

  aside(file) {
    if (!existsSync(dirname(file))) return []
    return asideOf(file).map((path) => {
      const { size, mtimeMs, ino } = statSync(path)
      const isPresent = existsSync(file) && statSync(file).ino === ino
      return {
        name: path,
        bytes: isPresent ? 0 : size,
        at: Math.round(mtimeMs),
        mark: path.split('_').at(-1),
      }
    })
  },

  drop(file, kept) {
    if (!existsSync(kept)) return {}
    if (!asideOf(file).includes(kept))
      throw new Refusal(`${kept} is not one that was put aside.`, 'Look which there are: amphi points aside.')
    clear(kept)
    sync(dirname(file))
    return {}
  },

  tidy(file, but) {
    const start = `${basename(file)}.amphi-`
    for (const found of readdirSync(dirname(file)))
      if (found.startsWith(start) && !join(dirname(file), found).startsWith(but))
        rmSync(join(dirname(file), found), { force: true })
    return {}
  },
}

function damaged(file, words) {
  return new Refusal(
    `SQLite finds ${file} damaged: ${String(words).slice(0, 200)}.`,
    'Go back to another point.',
  )
}

/** Tables that hold rows of their own; what virtual ones hold is in their shadow tables. */
function tablesOf(database) {
  const rows = database
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`,
    )
    .all()
  return rows.map((row) => row.name)
}

function sumOf(database, table) {
  const all = database.prepare(`SELECT * FROM ${name(table)}`)
  all.setReadBigInts(true)
  const hash = createHash('sha256')
  let rows = 0
  for (const row of all.iterate()) {
    rows++
    for (const value of Object.values(row)) {
      hash.update(`${typeof value}:`)
      hash.update(value instanceof Uint8Array ? value : String(value))
      hash.update('\0')
    }
  }
  return { rows, sum: hash.digest('hex').slice(0, 32) }
}

function versionOf(database, tables) {
  for (const [table, value] of VERSION_TABLES) {
    if (!Object.hasOwn(tables, table)) continue
    const { version } = database.prepare(`SELECT max(${value}) AS version FROM ${name(table)}`).get()
    if (version !== null) return String(version)
  }
  const { user_version: number } = database.prepare('PRAGMA user_version').get()
  const all = database.prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name').all()
  const mark = createHash('sha256').update(JSON.stringify(all.map(({ sql }) => sql)))
  return `${number === 0 ? '' : `${number}, `}schema ${mark.digest('hex').slice(0, 12)}`
}

/** All that was written is in the file itself, and nobody has it open. */
async function quiet(file) {
  const until = Date.now() + LEAVE_MS
  for (;;) {
    const database = open(file)
    try {
      database.exec('BEGIN EXCLUSIVE; COMMIT')
      database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    } finally {
      database.close()
    }
    // The last one to close it takes these along.
    if (!existsSync(`${file}-wal`)) break
    if (Date.now() > until)
      throw new Refusal('Somebody does not leave the database.', 'End what uses it, then retry the step.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  for (const end of BESIDE) rmSync(`${file}${end}`, { force: true })
  sync(file)
}

const endOf = (kept) => kept.split('_').at(-1)

function asideOf(file) {
  const start = `${basename(file)}_since_`
  return readdirSync(dirname(file))
    .filter((found) => found.startsWith(start) && /^\d{4}_[0-9a-zA-Z]+$/.test(found.slice(start.length)))
    .map((found) => join(dirname(file), found))
    .sort()
}

/** Tried again a minute later it has another time in its name. */
function keptBy(file, kept) {
  return asideOf(file).find((found) => endOf(found) === endOf(kept))
}

const [verb, ...rest] = process.argv.slice(2)
try {
  process.stdout.write(`${JSON.stringify(await verbs[verb](...rest))}\n`)
} catch (error) {
  const code = error.errcode === undefined ? undefined : error.errcode & 0xff
  const refusal =
    error instanceof Refusal
      ? error
      : code === 11 || code === 26
        ? damaged(rest[0], error.message)
        : code === 5 || code === 6
          ? new Refusal('Somebody holds a lock on the database.', 'End what writes for so long, then retry.')
          : code === 13 || error.code === 'ENOSPC'
            ? new Refusal('There is no room left where the database is.', 'Free some disk space, then retry.')
            : undefined
  process.stderr.write(refusal === undefined ? `${error.stack}\n` : `${refusal.message}\n${refusal.remedy}\n`)
  process.exitCode = refusal === undefined ? 1 : 3
}
