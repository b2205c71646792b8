import { createReadStream } from 'node:fs'
import type { DatabaseSpec } from '../domain/targets/target.ts'
import { type Commands, checked, textOf } from './commands.ts'
import { writeHashed } from './files.ts'
import { checkFile, type DatabaseKeeper, type Restoring } from './keeper.ts'
import { PointError } from './pointError.ts'
import type { Work } from './postgres/dump.ts'
import { differences, type Measure, rowsOf } from './postgres/measure.ts'
import { keptName } from './postgres/swap.ts'

/**
 * A SQLite file inside a service, kept and put back by SQLite's own backup, which takes it whole while others write.
 * Needs the program `sqlite3` in the image.
 */
const LIMIT_MS = 3_600_000

/** `$1` the file, `$2` where the copy goes. */
const BACKUP = 'sqlite3 -bail "$1" ".timeout 30000" ".backup \'$2\'"'
const RESTORE = 'sqlite3 -bail "$1" ".timeout 30000" ".restore \'$2\'"'

const TABLES = `SELECT 'SELECT json_array(' || quote(name) || ', count(*)) FROM "' || replace(name, '"', '""') || '";'
FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
const SCHEMA =
  "SELECT coalesce(group_concat(sql, ';'), '') FROM (SELECT sql FROM sqlite_master ORDER BY name)"

export function sqliteKeeper({ name }: DatabaseSpec, commands: Commands): DatabaseKeeper {
  const ask = (script: string, args: readonly string[], work: Pick<Work, 'signal'>): Promise<string> =>
    textOf(commands, { argv: ['sh', '-ec', script, 'sh', ...args], limitMs: LIMIT_MS, signal: work.signal })
  const at = (mark: string): string => `/tmp/amphi-${mark}.db`

  return {
    dump: async (file, work) => {
      const copy = at('dump')
      await ask(`rm -f "$2"; ${BACKUP}`, [name, copy], work)
      const call = { argv: ['cat', copy], quiet: true, limitMs: LIMIT_MS, signal: work.signal }
      const open = await commands.open(call)
      const written = await writeHashed(file, open.output)
      await checked(call, open)
      const measure = await measureFile(ask, copy, work)
      await ask('rm -f "$1"', [copy], work)
      work.say(`${name}: ${written.bytes} bytes`)
      const { schemaVersion } = measure
      return {
        measure,
        snapshot: { kind: 'sqlite', name, ...written, rows: rowsOf(measure), schemaVersion },
      }
    },
    count: async (signal) => rowsOf(await measureFile(ask, name, { signal })),
    scratch: async (request, work) => {
      await checkFile(request)
      await send(commands, request, at(request.mark), work)
      await compare(ask, request, at(request.mark), work)
    },
    dropScratch: async ({ mark }, signal) => {
      await ask('rm -f "$1"', [at(mark)], { signal })
    },
    swap: async (request, work) => {
      // Two of one minute must not take each other for what they keep.
      const kept = `${keptName(name, request.at)}_${request.mark}`
      const copy = at(request.mark)
      // The mark beside the kept file says that it is whole; the restore itself is one transaction of SQLite.
      const script = [
        `[ -e "$3" ] || { rm -f "$3.part"; sqlite3 -bail "$1" ".timeout 30000" ".backup '$3.part'"; mv "$3.part" "$3"; }`,
        RESTORE,
      ]
      await ask(script.join('\n'), [name, copy, kept], work)
      await compare(ask, request, name, work)
      await ask('rm -f "$1"', [copy], work)
      work.say(`${name} was put aside as ${kept}`)
      return kept
    },
    // Once the present one is kept, the restore may have happened: it comes from there again.
    undoSwap: async ({ mark, at: time }, signal) => {
      const kept = `${keptName(name, time)}_${mark}`
      await ask(`rm -f "$2.part"; [ ! -e "$2" ] || { ${RESTORE}; rm "$2"; }`, [name, kept], { signal })
      return false
    },
  }
}

type Ask = (script: string, args: readonly string[], work: Pick<Work, 'signal'>) => Promise<string>

async function send(commands: Commands, request: Restoring, to: string, { signal }: Work): Promise<void> {
  const argv = ['sh', '-ec', 'cat >"$1"', 'sh', to]
  const call = { argv, input: createReadStream(request.file), limitMs: LIMIT_MS, signal }
  const open = await commands.open(call)
  for await (const _ of open.output) void _
  await checked(call, open)
}

async function compare(ask: Ask, request: Restoring, file: string, work: Work): Promise<void> {
  const found = await measureFile(ask, file, work)
  const differ = request.measure === null ? [] : differences(request.measure, found)
  if (differ.length === 0) return
  throw new PointError(
    `What was restored is not what was kept: ${differ.slice(0, 5).join('; ')}.`,
    'Go back to another point, and make a new one.',
  )
}

async function measureFile(ask: Ask, file: string, work: Pick<Work, 'signal'>): Promise<Measure> {
  const script =
    'sqlite3 -bail "$1" "PRAGMA integrity_check"; echo; sqlite3 -bail "$1" "$2" | sqlite3 -bail "$1"; echo; sqlite3 -bail "$1" "$3"'
  const [check = '', counts = '', schema = ''] = (await ask(script, [file, TABLES, SCHEMA], work)).split(
    '\n\n',
  )
  if (check.trim() !== 'ok')
    throw new PointError(`SQLite finds ${file} damaged: ${check.slice(0, 200)}`, 'Go back to another point.')
  const rows = counts
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as [string, number])
  return {
    tables: Object.fromEntries(rows.map(([table, count]) => [table, { rows: count, sum: '' }])),
    schemaVersion: `schema ${simpleHash(schema)}`,
  }
}

function simpleHash(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
