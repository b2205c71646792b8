import { createReadStream } from 'node:fs'
import type { DatabaseSpec } from '../domain/targets/target.ts'
import { type CommandCall, type Commands, checked } from './commands.ts'
import { fetched } from './fetched.ts'
import { type Aside, checkFile, type DatabaseKeeper, type Restoring } from './keeper.ts'
import { PointError } from './pointError.ts'
import type { Work } from './postgres/dump.ts'
import { differences, type Measure, rowsOf } from './postgres/measure.ts'
import { timeOf } from './postgres/swap.ts'

/**
 * The SQLite file of a target, kept by SQLite's own backup, which takes it whole while others write, and exchanged by
 * names in its folder while nobody has it open. What is done to it is done by resources/targets/sqlite.mjs, beside it.
 */
const LIMIT_MS = 3_600_000
const REMOVE_MS = 30_000
/** It has said what is in the way, and what to do. */
const REFUSED = 3

type Answers = {
  readonly backup: unknown
  readonly measure: Measure
  readonly count: Readonly<Record<string, number>>
  readonly swap: { readonly kept: string | null }
  readonly unswap: { readonly inPlace: boolean }
  readonly aside: readonly Aside[]
  readonly drop: unknown
  readonly tidy: unknown
}

/** `program`: how it is begun where the file is. */
export function sqliteKeeper(
  { name: file }: DatabaseSpec,
  commands: Commands,
  program: readonly string[],
): DatabaseKeeper {
  const ask = async <V extends keyof Answers>(
    verb: V,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<Answers[V]> =>
    JSON.parse(await said(commands, [...program, verb, file, ...args], signal)) as Answers[V]
  const scratch = (mark: string): string => `${file}.amphi-${mark}`
  const kept = ({ mark, at }: Pick<Restoring, 'mark' | 'at'>): string => `${file}_since_${timeOf(at)}_${mark}`
  const remove = (path: string, signal: AbortSignal): Promise<string> =>
    said(commands, ['rm', '-f', path], signal)
  const measure = (path: string, signal: AbortSignal): Promise<Measure> =>
    said(commands, [...program, 'measure', path], signal).then((text) => JSON.parse(text) as Measure)
  const compare = async (
    { measure: want }: Restoring,
    path: string,
    { signal, say }: Work,
  ): Promise<void> => {
    const found = await measure(path, signal)
    const differ = want === null ? [] : differences(want, found)
    if (differ.length > 0)
      throw new PointError(
        `What was restored is not what was kept: ${differ.slice(0, 5).join('; ')}.`,
        'Go back to another point, and make a new one.',
      )
    say(`${Object.keys(found.tables).length} tables compared, all equal`)
  }

  const copied = async (copy: string, to: string, signal: AbortSignal) => {
    await ask('backup', [copy], signal)
    const found = await measure(copy, signal)
    const call = { argv: ['cat', copy], quiet: true, limitMs: LIMIT_MS, signal }
    return { found, written: await fetched(commands, call, to) }
  }

  return {
    dump: async (to, { signal, say }) => {
      const copy = scratch('dump')
      const { found, written } = await copied(copy, to, signal).catch(async (error: unknown) => {
        // Room that the service needs. What cannot be removed now goes with the next copy.
        await remove(copy, AbortSignal.timeout(REMOVE_MS)).catch(() => undefined)
        throw error
      })
      await remove(copy, signal)
      say(`${file}: ${written.bytes} bytes`)
      const { schemaVersion } = found
      const snapshot = { kind: 'sqlite', name: file, ...written, rows: rowsOf(found), schemaVersion } as const
      return { measure: found, snapshot }
    },
    count: (signal) => ask('count', [], signal),
    scratch: async (request, work) => {
      await checkFile(request)
      const path = scratch(request.mark)
      await ask('tidy', [path], work.signal)
      await send(commands, request, path, work)
      await compare(request, path, work)
    },
    dropScratch: async ({ mark }, signal) => {
      await remove(scratch(mark), signal)
    },
    swap: async (request, { signal, say }) => {
      const { kept: name } = await ask('swap', [scratch(request.mark), kept(request)], signal)
      if (name !== null) say(`${file} was put aside as ${name}`)
      return name
    },
    undoSwap: async (request, signal) => (await ask('unswap', [kept(request)], signal)).inPlace,
    aside: (signal) => ask('aside', [], signal),
    dropAside: async (name, signal) => {
      await ask('drop', [name], signal)
    },
  }
}

async function said(commands: Commands, argv: readonly string[], signal: AbortSignal): Promise<string> {
  const call: CommandCall = { argv, quiet: true, limitMs: LIMIT_MS, signal }
  const open = await commands.open(call)
  const pieces: Buffer[] = []
  for await (const piece of open.output) pieces.push(piece)
  const { code, words } = await open.ended
  if (code !== REFUSED) await checked(call, open)
  else throw refusal(words)
  return Buffer.concat(pieces).toString('utf8')
}

function refusal(words: string): PointError {
  const [what = '', remedy = 'Look at what it says, then retry.'] = words.trim().split('\n')
  return new PointError(what, remedy)
}

async function send(commands: Commands, request: Restoring, to: string, { signal }: Work): Promise<void> {
  const argv = ['sh', '-ec', 'cat >"$1"', 'sh', to]
  const call = { argv, input: createReadStream(request.file), limitMs: LIMIT_MS, signal }
  const open = await commands.open(call)
  for await (const _ of open.output) void _
  await checked(call, open)
}
