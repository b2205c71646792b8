import { appendFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mergeTrees } from '../../main/workspaces/commits.ts'
import { Forecast, type Work } from '../../main/workspaces/foresight/forecast.ts'
import { mergeBatch } from '../../main/workspaces/foresight/mergeBatch.ts'
import { createGit, text } from '../../main/workspaces/git.ts'
import { ensureHub, type Hub, treeOf } from '../../main/workspaces/hub.ts'
import {
  type Beat,
  beats,
  commitStates,
  type Found,
  findMerges,
  type PastMerge,
  stateAfter,
} from './replay.ts'
import type { Moment, Replayed } from './score.ts'

export interface Prediction {
  readonly replayed: readonly Replayed[]
  readonly left: Found['left']
  readonly cost: PredictionCost
}

/** Over all looks; one look asks for a pair of each merge of a group. */
export interface PredictionCost {
  readonly pairs: number
  readonly apart: number
  readonly known: number
  readonly merged: number
  /** Of each group, ms a pair: the looks of all its moments. */
  readonly oursMs: readonly number[]
  /** The same pairs, each by a git process of its own. */
  readonly plainMs: readonly number[]
}

export interface PredictionOptions {
  /** Any git repository; only read. */
  readonly repository: string
  readonly merges: number
  /** At most so many looks at one merge. */
  readonly moments: number
  readonly progress: (line: string) => void
}

/** Merges that are replayed side by side, as so many pairs of agents would work. */
const GROUP = 16

/**
 * Writes the merges of a repository again, two branches at a time, and asks at every moment whether they would
 * conflict. Everything it makes goes to `folder`.
 */
export async function predict(folder: string, options: PredictionOptions): Promise<Prediction> {
  const hub = await borrowing(options.repository, folder)
  options.progress(`looking for ${options.merges} merges`)
  const head = text(await createGit()({ args: ['rev-parse', 'HEAD'], cwd: resolve(options.repository) }))
  const { merges, left } = await findMerges(hub, head, options.merges)
  const replayed: Replayed[] = []
  const cost = { pairs: 0, apart: 0, known: 0, merged: 0, oursMs: [] as number[], plainMs: [] as number[] }
  for (let at = 0; at < merges.length; at += GROUP) {
    options.progress(`merges ${at + 1} to ${Math.min(at + GROUP, merges.length)} of ${merges.length}`)
    const group = await replayGroup(hub, merges.slice(at, at + GROUP), options.moments, at / GROUP)
    replayed.push(...group.replayed)
    for (const name of ['pairs', 'apart', 'known', 'merged'] as const) cost[name] += group.cost[name]
    cost.oursMs.push(group.cost.oursMs)
    cost.plainMs.push(group.cost.plainMs)
  }
  return { replayed, left, cost }
}

/** A bare repository that borrows the objects of another. */
async function borrowing(repository: string, folder: string): Promise<Hub> {
  const git = createGit()
  const cwd = resolve(repository)
  const ask = async (...args: string[]): Promise<string> =>
    text(await git({ args: ['rev-parse', ...args], cwd }))
  const format = (await ask('--show-object-format')) === 'sha256' ? 'sha256' : 'sha1'
  const objects = resolve(cwd, await ask('--git-path', 'objects'))
  const hub = await ensureHub(git, join(folder, 'borrowing'), format)
  mkdirSync(join(hub.objects, 'info'), { recursive: true })
  appendFileSync(join(hub.objects, 'info', 'alternates'), `${objects}\n`)
  return hub
}

interface Timeline {
  readonly past: PastMerge
  readonly steps: readonly { readonly beat: Beat; readonly works: readonly [Work, Work] }[]
}

async function replayGroup(hub: Hub, group: readonly PastMerge[], moments: number, number: number) {
  const timelines = await written(hub, group, moments)
  const said: Moment[][] = group.map(() => [])
  const forecast = new Forecast(hub)
  const cost = { pairs: 0, apart: 0, known: 0, merged: 0 }
  let [oursMs, plainMs] = [0, 0]
  const longest = Math.max(...timelines.map(({ steps }) => steps.length))
  for (let n = 0; n < longest; n++) {
    const alive = timelines.flatMap(({ steps }, i) => (n < steps.length ? [{ i, step: steps[n]! }] : []))
    const pairs = alive.map(({ step }) => step.works)
    // In turn, now one and now the other first: what is read from the disk is warm for both.
    const plainFirst = (n + number) % 2 === 0
    const before = plainFirst ? await plain(hub, pairs) : undefined
    const ours = await forecast.look(pairs)
    const other = before ?? (await plain(hub, pairs))
    oursMs += ours.cost.ms
    plainMs += other.ms
    for (const name of ['pairs', 'apart', 'known', 'merged'] as const) cost[name] += ours.cost[name]
    for (const [k, { i, step }] of alive.entries()) {
      const merged = ours.foreseen[k]!.verdict.status === 'conflict'
      if (merged !== other.conflicts[k])
        throw new Error(`${group[i]!.merge}: git says otherwise at ${step.beat.done}`)
      said[i]!.push({ done: step.beat.done, merged, overlap: overlap(step.works) })
    }
  }
  const truths = await truthOf(hub, group)
  const replayed = group.map(({ merge }, i): Replayed => ({ merge, ...truths[i]!, moments: said[i]! }))
  return { replayed, cost: { ...cost, oursMs: oursMs / cost.pairs, plainMs: plainMs / cost.pairs } }
}

async function written(hub: Hub, group: readonly PastMerge[], moments: number): Promise<readonly Timeline[]> {
  const planned = group.map((past) => ({
    past,
    steps: beats(past, moments).map((beat) => ({
      beat,
      states: past.sides.map((side, s) => stateAfter(side, beat.counts[s]!)),
    })),
  }))
  const states = planned.flatMap(({ past: { base }, steps }) =>
    steps.flatMap((step) => step.states.map((state) => ({ base, state }))),
  )
  const ids = await commitStates(hub, states)
  let next = 0
  return planned.map(({ past, steps }) => ({
    past,
    steps: steps.map(({ beat, states: [one, two] }) => {
      const work = (id: string, state: typeof one): Work => ({
        id,
        commit: ids[next++]!,
        cut: past.base,
        changed: state!.changed,
      })
      return { beat, works: [work('one', one), work('two', two)] as const }
    }),
  }))
}

/** The way without any of it: each pair by a git of its own, whether anything changed or not. */
async function plain(
  hub: Hub,
  pairs: readonly (readonly [Work, Work])[],
): Promise<{ readonly conflicts: readonly boolean[]; readonly ms: number }> {
  const start = performance.now()
  const conflicts: boolean[] = []
  for (const [a, b] of pairs)
    conflicts.push((await mergeTrees(hub, a.commit, b.commit)).status === 'conflict')
  return { conflicts, ms: performance.now() - start }
}

function overlap([a, b]: readonly [Work, Work]): boolean {
  return [...a.changed.all].some((path) => b.changed.all.has(path))
}

async function truthOf(
  hub: Hub,
  group: readonly PastMerge[],
): Promise<readonly { readonly conflicts: boolean; readonly byHand: boolean }[]> {
  const merged = await mergeBatch(
    hub,
    group.map(({ sides: [one, two] }) => [one.end, two.end]),
  )
  return Promise.all(
    group.map(async ({ merge }, i) => {
      const made = merged[i]!
      const conflicts = made.status === 'conflict'
      const byHand = made.status !== 'clean' || made.tree !== (await treeOf(hub, merge))
      return { conflicts, byHand }
    }),
  )
}
