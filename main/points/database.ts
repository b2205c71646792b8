import { createReadStream } from 'node:fs'
import type { DatabaseSpec } from '../domain/targets/target.ts'
import { SQLITE_PROGRAM } from '../targets/docker/sqlite.ts'
import { type Commands, checked } from './commands.ts'
import { fetched } from './fetched.ts'
import { type Aside, checkFile, type DatabaseKeeper, type Restoring } from './keeper.ts'
import { PointError } from './pointError.ts'
import { asideOf, dropAside, listAside } from './postgres/aside.ts'
import { countRows } from './postgres/count.ts'
import { dump } from './postgres/dump.ts'
import { type Measure, rowsOf } from './postgres/measure.ts'
import type { Postgres, Session } from './postgres/psql.ts'
import { dropScratch, RESTORE_LIMIT_MS, restoreScratch } from './postgres/scratch.ts'
import { reopen, swap } from './postgres/swap.ts'
import { sqliteKeeper } from './sqlite.ts'

export interface KeeperOptions {
  /** Of PostgreSQL. */
  readonly user?: string
  /** What acts on a SQLite file, where that is. */
  readonly program?: readonly string[]
}

export function keeperOf(
  spec: DatabaseSpec,
  commands: Commands,
  { user = 'postgres', program = SQLITE_PROGRAM }: KeeperOptions = {},
): DatabaseKeeper {
  switch (spec.kind) {
    case 'postgres':
      return postgresKeeper(spec, { commands, user })
    case 'sqlite':
      return sqliteKeeper(spec, commands, program)
    case 'hook':
      return hookKeeper(spec, commands)
  }
}

function postgresKeeper(spec: DatabaseSpec, postgres: Postgres): DatabaseKeeper {
  const database = spec.name
  return {
    dump: async (file, work) => {
      const list = (session: Session): Promise<readonly Aside[]> => asideOf(session, database)
      const { hash, bytes, measure, also: aside } = await dump(postgres, database, file, work, list)
      const rows = rowsOf(measure)
      const { schemaVersion } = measure
      const snapshot = { kind: 'postgres', name: database, hash, bytes, rows, schemaVersion } as const
      return { measure, snapshot, aside }
    },
    count: (signal) => countRows(postgres, database, signal),
    scratch: async (request, work) => {
      await checkFile(request)
      const { file, mark } = request
      await restoreScratch(postgres, { database, file, measure: measured(request), mark }, work)
    },
    dropScratch: ({ mark }, signal) => dropScratch(postgres, database, mark, signal),
    swap: ({ mark, at }, work) => swap(postgres, { database, mark, at }, work),
    undoSwap: ({ mark, at }, signal) => reopen(postgres, { database, mark, at }, signal),
    aside: (signal) => listAside(postgres, database, signal),
    dropAside: (name, signal) => dropAside(postgres, database, name, signal),
  }
}

function measured({ measure, snapshot }: Restoring): Measure {
  if (measure !== null) return measure
  throw new PointError(`Nothing is known of what ${snapshot.name} held.`, 'Go back to another point.')
}

/** Commands of theirs: what they do beside is theirs, and there is no place to try it. */
function hookKeeper(spec: DatabaseSpec, commands: Commands): DatabaseKeeper {
  const { name } = spec
  const hook = (): NonNullable<DatabaseSpec['hook']> => {
    if (spec.hook !== null) return spec.hook
    throw new PointError(`The database ${name} has no commands.`, 'Give it "dump" and "restore".')
  }
  return {
    dump: async (file, { signal, say }) => {
      const call = { argv: ['sh', '-c', hook().dump], quiet: true, limitMs: RESTORE_LIMIT_MS, signal }
      const written = await fetched(commands, call, file)
      say(`${name}: ${written.bytes} bytes`)
      return { measure: null, snapshot: { kind: 'hook', name, ...written, rows: {}, schemaVersion: null } }
    },
    count: () => Promise.resolve(null),
    scratch: async (request, { signal, say }) => {
      await checkFile(request)
      const { check } = hook()
      if (check === undefined)
        say(`${name} names no command that checks a snapshot: it is whole, no more is known`)
      else await feed(commands, check, request.file, signal)
    },
    dropScratch: () => Promise.resolve(),
    swap: async (request, { signal }) => {
      await checkFile(request)
      await feed(commands, hook().restore, request.file, signal)
      return null
    },
    // How far their command came, nobody here knows.
    undoSwap: () => Promise.resolve(true),
    aside: () => Promise.resolve([]),
    dropAside: () => Promise.resolve(),
  }
}

async function feed(commands: Commands, command: string, file: string, signal: AbortSignal): Promise<void> {
  const call = {
    argv: ['sh', '-c', command],
    input: createReadStream(file),
    limitMs: RESTORE_LIMIT_MS,
    signal,
  }
  const open = await commands.open(call)
  for await (const _ of open.output) void _
  await checked(call, open)
}
