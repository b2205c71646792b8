import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { taskId } from '../domain/ids.ts'
import { cutTask, doTask, git, makeCommit, makeWorld, writeFiles } from './testHelpers.ts'

type Node = { readonly content: string; readonly executable: boolean } | { readonly link: string }

const segment = fc.constantFrom('a', 'b', 'c', 'x y', 'é', '字', '-n', '*', '#', '"q"')
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const node: fc.Arbitrary<Node> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ content: fc.string({ maxLength: 20 }), executable: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ link: segment }) },
)
/** Later paths win over those they stand in the way of. */
const tree = fc.array(fc.tuple(path, node), { maxLength: 12 })

function place(folder: string, files: readonly (readonly [string, Node])[]): void {
  for (const [name, wanted] of files) {
    const parts = name.split('/')
    for (let n = 1; n < parts.length; n += 1) {
      const above = join(folder, ...parts.slice(0, n))
      if (lstatSync(above, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(above)
    }
    const target = join(folder, name)
    rmSync(target, { recursive: true, force: true })
    if ('link' in wanted) {
      mkdirSync(join(target, '..'), { recursive: true })
      symlinkSync(wanted.link, target)
    } else {
      writeFiles(folder, { [name]: wanted.content })
      chmodSync(target, wanted.executable ? 0o755 : 0o644)
    }
  }
}

function snapshot(folder: string, below = ''): Record<string, string> {
  const seen: Record<string, string> = {}
  for (const name of readdirSync(join(folder, below))) {
    if (below === '' && name === '.git') continue
    const at = join(below, name)
    const stat = lstatSync(join(folder, at))
    if (stat.isDirectory()) Object.assign(seen, snapshot(folder, at))
    else if (stat.isSymbolicLink()) seen[at] = `-> ${readlinkSync(join(folder, at))}`
    else seen[at] = `${stat.mode & 0o100} ${readFileSync(join(folder, at), 'utf8')}`
  }
  return seen
}

test('whatever an agent makes of any tree, checking its commit out gives the same files', async () => {
  using world = makeWorld()
  makeCommit(world.root, { '.keep': '' })
  await world.workspaces.prepareRun(world.run)
  let n = 0
  await fc.assert(
    fc.asyncProperty(tree, tree, fc.array(path, { maxLength: 3 }), async (before, edits, removals) => {
      n += 1
      const start = await doTask(world, `start-${n}`, (work) => place(work, before))
      const from = start.commit === null ? [] : [start.commit]
      const cut = await cutTask(world, `edit-${n}`, { from })
      place(cut.path, edits)
      execFileSync('rm', ['-rf', '--', ...removals], { cwd: cut.path })
      const wanted = snapshot(cut.path)
      const result = await doTask(world, `edit-${n}`, {}, { from, task: taskId(`edit-${n}`) })
      expect(result.refused).toEqual([])
      const checkout = mkdtempSync(join(world.folder, 'out-'))
      git(
        checkout,
        `--git-dir=${world.hub}`,
        '-c',
        'core.bare=false',
        `--work-tree=${checkout}`,
        'checkout',
        '-q',
        '-f',
        result.commit ?? cut.commit,
        '--',
        '.',
      )
      expect(snapshot(checkout)).toEqual(wanted)
      rmSync(join(world.hub, 'index'), { force: true })
    }),
    { numRuns: 15 },
  )
}, 60_000)
