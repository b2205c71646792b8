import { type ChangedPaths, changedPaths } from '../../main/workspaces/foresight/changedPaths.ts'
import { records, text } from '../../main/workspaces/git.ts'
import type { Hub } from '../../main/workspaces/hub.ts'

/** A merge of the past, as two branches that are written at the same time. */
export interface PastMerge {
  readonly merge: string
  /** Their one common ancestor, which both start from. */
  readonly base: string
  readonly sides: readonly [Branch, Branch]
}

export interface Branch {
  readonly end: string
  /** In the order they were made; a file of a commit is one write. */
  readonly writes: readonly Write[]
}

export interface Write {
  /** Seconds since 1970; never goes back within a branch. */
  readonly time: number
  readonly path: string
  /** What was there before; null: nothing. */
  readonly before: Entry | null
  readonly after: Entry | null
}

export interface Entry {
  readonly mode: string
  readonly id: string
}

export type NotReplayed = 'several ancestors' | 'unrelated' | 'one branch did nothing'

export interface Found {
  readonly merges: readonly PastMerge[]
  readonly left: Readonly<Record<NotReplayed, number>>
}

/** The newest `limit` merges of two branches that can be replayed, newest first; `from` is any ref. */
export async function findMerges(hub: Hub, from: string, limit: number): Promise<Found> {
  const list = ['rev-list', '--min-parents=2', '--max-parents=2', '--parents', from]
  const lines = text(await hub.git({ args: list }))
    .split('\n')
    .filter(Boolean)
  const merges: PastMerge[] = []
  const left = { 'several ancestors': 0, unrelated: 0, 'one branch did nothing': 0 }
  for (const line of lines) {
    if (merges.length >= limit) break
    const [merge, one, two] = line.split(' ') as [string, string, string]
    const found = await pastMerge(hub, merge, one, two)
    if (typeof found === 'string') left[found]++
    else merges.push(found)
  }
  return { merges, left }
}

async function pastMerge(
  hub: Hub,
  merge: string,
  one: string,
  two: string,
): Promise<PastMerge | NotReplayed> {
  const out = await hub.git({ args: ['merge-base', '--all', one, two], answers: [0, 1] })
  const bases = text(out).split('\n').filter(Boolean)
  if (bases.length > 1) return 'several ancestors'
  const [base] = bases
  if (base === undefined) return 'unrelated'
  if (base === one || base === two) return 'one branch did nothing'
  const sides = [await branch(hub, base, one), await branch(hub, base, two)] as const
  if (sides.some(({ writes }) => writes.length === 0)) return 'one branch did nothing'
  return { merge, base, sides }
}

/**
 * The states a branch went through: its first parents that came after the base. What it took over by merges of its own
 * is one write a file, like what was written.
 */
async function branch(hub: Hub, base: string, end: string): Promise<Branch> {
  const ask = async (...args: string[]): Promise<string[]> =>
    text(await hub.git({ args: ['rev-list', ...args, `${base}..${end}`] }))
      .split('\n')
      .filter(Boolean)
  const after = new Set(await ask('--ancestry-path'))
  const states = (await ask('--first-parent', '--reverse')).filter((commit) => after.has(commit))
  const writes: Write[] = []
  let [before, time] = [base, 0]
  for (const state of states) {
    const date = Number(text(await hub.git({ args: ['log', '-1', '--format=%at', state] })))
    time = Math.max(time, date)
    writes.push(...(await writesBetween(hub, before, state, time)))
    before = state
  }
  return { end, writes }
}

/** Deletions first: a file may become a folder. */
async function writesBetween(hub: Hub, from: string, to: string, time: number): Promise<Write[]> {
  const fields = records(
    await hub.git({ args: ['diff-tree', '-r', '-z', '--no-renames', '--raw', from, to] }),
  )
  const writes: Write[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [mode, newMode, id, newId] = fields[at]!.slice(1).split(' ') as [string, string, string, string]
    writes.push({ time, path: fields[at + 1]!, before: entry(mode, id), after: entry(newMode, newId) })
  }
  return [...writes.filter(({ after }) => after === null), ...writes.filter(({ after }) => after !== null)]
}

const entry = (mode: string, id: string): Entry | null => (mode === '000000' ? null : { mode, id })

/** One branch at one moment, against the base. */
export interface State {
  readonly entries: ReadonlyMap<string, { readonly before: Entry | null; readonly after: Entry | null }>
  readonly changed: ChangedPaths
}

export interface Beat {
  /** Share of all writes done. */
  readonly done: number
  /** How many writes of each branch. */
  readonly counts: readonly [number, number]
}

/** At most `count` moments, evenly spread over the writes of both branches in the order of their times. */
export function beats({ sides: [one, two] }: PastMerge, count: number): readonly Beat[] {
  const order: (0 | 1)[] = []
  let [i, j] = [0, 0]
  while (i < one.writes.length || j < two.writes.length) {
    const first =
      j >= two.writes.length || (i < one.writes.length && one.writes[i]!.time <= two.writes[j]!.time)
    order.push(first ? 0 : 1)
    if (first) i++
    else j++
  }
  const stops = new Set(
    Array.from({ length: Math.min(count, order.length) }, (_, n) =>
      Math.ceil(((n + 1) * order.length) / Math.min(count, order.length)),
    ),
  )
  const found: Beat[] = []
  const counts: [number, number] = [0, 0]
  for (const [n, side] of order.entries()) {
    counts[side]++
    if (stops.has(n + 1)) found.push({ done: (n + 1) / order.length, counts: [...counts] })
  }
  return found
}

/** What the first `count` writes of a branch come to. */
export function stateAfter({ writes }: Branch, count: number): State {
  const entries = new Map<string, { before: Entry | null; after: Entry | null }>()
  for (const { path, before, after } of writes.slice(0, count)) {
    const first = entries.get(path)?.before ?? (entries.has(path) ? null : before)
    if (first?.id === after?.id && first?.mode === after?.mode) entries.delete(path)
    else entries.set(path, { before: first, after })
  }
  const changed = changedPaths(
    [...entries].map(([path, { before, after }]) => [
      after === null ? 'deleted' : before === null ? 'added' : 'changed',
      path,
    ]),
  )
  return { entries, changed }
}

/** Commits of states, each on its base, in one git process; ids in order. A state without changes is the base itself. */
export async function commitStates(
  hub: Hub,
  states: readonly { readonly base: string; readonly state: State }[],
): Promise<readonly string[]> {
  const ids: string[] = []
  const made: number[] = []
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const [n, { base, state }] of states.entries()) {
      if (state.entries.size === 0) {
        ids[n] = base
        continue
      }
      made.push(n)
      yield Buffer.from(
        [
          'commit refs/replay\n',
          `mark :${made.length}\n`,
          'committer R <r@example.com> 0 +0000\ndata 0\n',
          `from ${base}\n`,
          ...sorted(state),
          `\nget-mark :${made.length}\n`,
        ].join(''),
      )
    }
    yield Buffer.from('done\n')
  }
  const args = ['fast-import', '--quiet', '--done', '--force']
  const answers = text(await hub.git({ args, input: stream(), timeoutMs: 15 * 60_000 })).split('\n')
  for (const [i, n] of made.entries()) ids[n] = answers[i]!
  return ids
}

function sorted({ entries }: State): string[] {
  const all = [...entries]
  const gone = all.filter(([, { after }]) => after === null)
  const there = all.filter(([, { after }]) => after !== null)
  return [
    ...gone.map(([path]) => `D ${quoted(path)}\n`),
    ...there.map(([path, { after }]) => `M ${after!.mode} ${after!.id} ${quoted(path)}\n`),
  ]
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
