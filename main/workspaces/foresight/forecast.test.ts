import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mergeTrees } from '../commits.ts'
import { createGit, text } from '../git.ts'
import { ensureHub, type Hub } from '../hub.ts'
import { git, initRepository } from '../testHelpers.ts'
import { Ancestry } from './ancestry.ts'
import { both, mayClash } from './changedPaths.ts'
import { Forecast, type Work } from './forecast.ts'
import { mergeBatch } from './mergeBatch.ts'
import { openScratch } from './scratch.ts'
import { afterStep, type Files, HistoryStream, STEPS, type Step } from './testing/histories.ts'

let folder: string
let root: string
let hub: Hub

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-foresight-'))
  hub = await ensureHub(createGit(), join(folder, 'project'), 'sha1')
  root = join(folder, 'work')
  execFileSync('mkdir', [root])
  initRepository(root)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEPS, 'edit' as const, 'edit' as const),
  at: fc.nat(9),
  where: fc.nat(5),
  text: fc.constantFrom('one', 'two', 'three\nfour', ''),
})
const side = fc.array(step, { maxLength: 4 })

/** Several folders, one inside another, files long enough for git to see renames. */
const BASE: Files = new Map(
  ['a/x', 'a/y', 'a/in/z', 'b/u', 'b/v', 'c/in/w', 'top', 'other'].map((path, n) => [
    path,
    Array.from({ length: 12 }, (_, line) => `${path} ${n} ${line}`).join('\n'),
  ]),
)

const afterAllOf = (files: Files, steps: readonly Step[]): Files => steps.reduce(afterStep, files)

/** Branches `b0`, `b1` … from one base, in the hub and in a user's checkout. */
function branches(sides: readonly (readonly Step[])[]): void {
  const stream = new HistoryStream()
  const base = stream.root('base', BASE)
  for (const [i, steps] of sides.entries()) stream.commit(`b${i}`, afterAllOf(BASE, steps), [base])
  for (const dir of [hub.gitDir, join(root, '.git')]) {
    const args = ['--git-dir', dir, 'fast-import', '--quiet', '--force', '--done']
    execFileSync('git', args, { input: stream.toString() })
  }
}

/** What git itself says when it merges with a work tree. */
function mergedByHand(ours: string, theirs: string): 'clean' | 'conflict' {
  git(root, 'reset', '--hard', '--quiet')
  git(root, 'clean', '-fdq')
  git(root, 'checkout', '--quiet', '--detach', ours)
  const run = spawnSync('git', ['merge', '--no-commit', '--no-ff', theirs], { cwd: root, encoding: 'utf8' })
  return run.status === 0 ? 'clean' : 'conflict'
}

async function workOf(branch: string): Promise<Work> {
  const [commit, cut] = [await idOf(branch), await idOf('base')]
  return { id: branch, commit, cut, changed: await new Ancestry(hub).changes(cut, commit) }
}

const idOf = async (ref: string): Promise<string> =>
  text(await hub.git({ args: ['rev-parse', `refs/heads/${ref}`] }))

describe('one pair', () => {
  test('the verdict is the one of git merge, and pairs passed over are clean', async () => {
    let [conflicts, apart] = [0, 0]
    await fc.assert(
      fc.asyncProperty(side, side, async (a, b) => {
        branches([a, b])
        const works = [await workOf('b0'), await workOf('b1')] as const
        const { foreseen, cost } = await new Forecast(hub).look([works])
        const verdict = foreseen[0]!.verdict
        expect(verdict.status).toBe(mergedByHand('b0', 'b1'))
        if (verdict.status === 'conflict') expect(verdict.files.length).toBeGreaterThan(0)
        conflicts += verdict.status === 'conflict' ? 1 : 0
        apart += cost.apart
      }),
      { numRuns: 30 },
    )
    expect(conflicts).toBeGreaterThan(0)
    expect(apart).toBeGreaterThan(0)
  }, 120_000)

  test('what is said to be apart merges cleanly, whatever was renamed, moved or replaced', async () => {
    const many = fc.array(side, { minLength: 6, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(many, async (sides) => {
        branches(sides)
        const works = await Promise.all(sides.map((_, i) => workOf(`b${i}`)))
        const apart = pairsOf(works).filter(([a, b]) => !mayClash(a.changed, b.changed))
        const merged = await mergeBatch(
          hub,
          apart.map(([a, b]) => [a.commit, b.commit]),
        )
        expect(merged.filter(({ status }) => status !== 'clean')).toEqual([])
      }),
      { numRuns: 30 },
    )
  }, 120_000)

  test('a folder moved on one side and added to on the other is not passed over', async () => {
    const stream = new HistoryStream()
    const base = stream.root('base', BASE)
    stream.commit('b0', afterAllOf(BASE, [{ kind: 'move', at: 0, where: 0, text: '' }]), [base])
    stream.commit('b1', new Map([...BASE, ['a/in/new', 'x']]), [base])
    execFileSync('git', ['--git-dir', hub.gitDir, 'fast-import', '--quiet', '--force', '--done'], {
      input: stream.toString(),
    })
    const { foreseen } = await new Forecast(hub).look([[await workOf('b0'), await workOf('b1')]])
    expect(foreseen[0]!.verdict).toMatchObject({ status: 'conflict' })
  })
})

function pairsOf(works: readonly Work[]): [Work, Work][] {
  return works.flatMap((a, i) => works.slice(i + 1).map((b): [Work, Work] => [a, b]))
}

describe('many that go on', () => {
  test('step by step the answer is the one of looking at everything anew', async () => {
    const agents = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(agents, fc.array(fc.nat(3), { maxLength: 8 }), async (plans, order) => {
        const done = plans.map(() => 0)
        const forecast = new Forecast(hub)
        for (const turn of order) {
          const agent = turn % plans.length
          done[agent] = Math.min(done[agent]! + 1, plans[agent]!.length)
          branches(plans.map((plan, i) => plan.slice(0, done[i])))
          const works = await Promise.all(plans.map((_, i) => workOf(`b${i}`)))
          const pairs = pairsOf(works)
          const { foreseen, cost } = await forecast.look(pairs)
          expect(cost.known + cost.apart + cost.merged).toBe(pairs.length)
          for (const { a, b, verdict } of foreseen) {
            expect(verdict.status).toBe((await mergeTrees(hub, a.commit, b.commit)).status)
          }
        }
      }),
      { numRuns: 10 },
    )
  }, 120_000)

  test('only pairs of which a side has changed are looked at again', async () => {
    const edit = (at: number, text: string): Step => ({ kind: 'edit', at, where: 0, text })
    branches([[edit(0, 'one')], [edit(0, 'two')], [edit(0, 'three')]])
    const works = await Promise.all([0, 1, 2].map((i) => workOf(`b${i}`)))
    const forecast = new Forecast(hub)
    expect((await forecast.look(pairsOf(works))).cost).toMatchObject({ known: 0, merged: 3 })
    expect((await forecast.look(pairsOf(works))).cost).toMatchObject({ known: 3, merged: 0 })
    branches([[edit(0, 'one')], [edit(0, 'two')], [edit(5, 'three')]])
    const later = await Promise.all([0, 1, 2].map((i) => workOf(`b${i}`)))
    expect((await forecast.look(pairsOf(later))).cost).toMatchObject({ known: 1, apart: 2, merged: 0 })
  })

  test('what there is no time for is not known, and is looked at the next time', async () => {
    const edit = (text: string): Step => ({ kind: 'edit', at: 0, where: 0, text })
    branches([[edit('one')], [edit('two')]])
    const pair = [await workOf('b0'), await workOf('b1')] as const
    const forecast = new Forecast(hub)
    const late = await forecast.look([pair], { goOn: () => false })
    expect([late.foreseen[0]!.verdict.status, late.cost.left]).toEqual(['unknown', 1])
    expect((await forecast.look([pair])).foreseen[0]!.verdict.status).toBe('conflict')
  })
})

describe('different cuts and several common ancestors', () => {
  test('agree with git, also after criss-cross merges', async () => {
    await fc.assert(
      fc.asyncProperty(side, side, side, side, async (a, b, c, d) => {
        const stream = new HistoryStream()
        const base = stream.root('base', BASE)
        const [left, right] = [afterAllOf(BASE, a), afterAllOf(BASE, b)]
        const [l, r] = [stream.commit('l', left, [base]), stream.commit('r', right, [base])]
        const crossed = [stream.commit('m0', left, [l, r]), stream.commit('m1', right, [r, l])]
        stream.commit('b0', afterAllOf(left, c), [crossed[0]!])
        stream.commit('b1', afterAllOf(right, d), [crossed[1]!])
        stream.commit('one', afterAllOf(left, d), [l])
        execFileSync('git', ['--git-dir', hub.gitDir, 'fast-import', '--quiet', '--force', '--done'], {
          input: stream.toString(),
        })
        const on = async (id: string, cut: string): Promise<Work> => {
          const [commit, from] = [await idOf(id), await idOf(cut)]
          const changed = await new Ancestry(hub).changes(from, commit)
          return { id, commit, cut: from, changed }
        }
        const works = [await on('b0', 'm0'), await on('b1', 'm1'), await on('one', 'l'), await on('r', 'r')]
        const { foreseen } = await new Forecast(hub).look(pairsOf(works))
        for (const { a: x, b: y, verdict } of foreseen) {
          expect(verdict.status).toBe((await mergeTrees(hub, x.commit, y.commit)).status)
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

test('two steps together hold what either changed', () => {
  const first = { all: new Set(['a/b']), folders: new Set(['a']), adds: true, deletes: false }
  const then = { all: new Set(['c']), folders: new Set<string>(), adds: false, deletes: true }
  expect(both(first, then)).toEqual({
    all: new Set(['a/b', 'c']),
    folders: new Set(['a']),
    adds: true,
    deletes: true,
  })
})

test('a batch with a commit that is none says which', async () => {
  branches([[], []])
  const base = await idOf('base')
  await expect(
    mergeBatch(hub, [
      [base, base],
      [base, '1'.repeat(40)],
    ]),
  ).rejects.toThrow(/cannot merge 1{40}/)
})

test('nothing that is tried is left in the hub', async () => {
  branches([[{ kind: 'edit', at: 0, where: 0, text: 'a' }], [{ kind: 'edit', at: 1, where: 0, text: 'b' }]])
  const scratch = await openScratch(hub, join(folder, 'scratch'))
  const count = (): string => git(hub.gitDir, 'count-objects', '-v')
  const before = count()
  const [merged] = await mergeBatch(scratch.hub, [[await idOf('b0'), await idOf('b1')]])
  expect(merged!.status).toBe('clean')
  expect(count()).toBe(before)
  await scratch.remove()
})
