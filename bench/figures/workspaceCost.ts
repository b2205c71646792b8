import { execFile, execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { attemptId, projectId, runId, taskId } from '../../main/domain/ids.ts'
import { createGitWorkspaces } from '../../main/workspaces/createGitWorkspaces.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const run = promisify(execFile)
const FILES = 2_000
const CHANGED = 20

/**
 * What a workspace costs a task: cutting a clone, committing what changed, merging it into the run's branch; beside
 * a shell script with the git commands one would type for the same.
 */
export async function workspaceCost(options: BenchOptions): Promise<readonly Comparison[]> {
  const rounds = options.quick ? 7 : 15
  return inTemporaryFolder(async (folder) => {
    const root = join(folder, 'repository')
    makeRepository(root)
    const sides = { ours: await viaWorkspaces(folder, root), shell: await viaShell(folder, root) }
    const { ours, shell } = await inTurn(sides, { rounds, warmUp: 1 })
    return [
      {
        figure: null,
        what: `a task's workspace: cut, commit, merge; ${FILES} files, ${CHANGED} changed`,
        unit: 'ms',
        ours: { name: 'workspaces', value: median(ours) },
        other: { name: 'git in a shell script', value: median(shell) },
        ratio: pairedRatio(ours, shell),
        target: null,
        how:
          `${rounds} rounds in turn after one to warm up; script: clone --shared, checkout, add -A, commit, fetch into ` +
          'the hub, merge-tree, commit-tree, update-ref; writing the changed files counts on neither side',
        notes: [],
      },
    ]
  })
}

function makeRepository(root: string): void {
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, `src/part${i % 50}`)
    if (i < 50) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `file${i}.ts`), `export const value${i} = ${i}\n`.repeat(40))
  }
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: root, stdio: 'ignore' })
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid', 'commit', '-q', '-m', 'first')
}

/** What the agent does. Each round changes files of its own, so that merges do not conflict. */
function change(clone: string, round: number): void {
  for (let i = 0; i < CHANGED; i++) {
    const file = join(clone, `src/part${i}/made-${round}.ts`)
    writeFileSync(file, `export const round = ${round}\n`)
    if (process.getuid?.() === 0) chownSync(file, UID, UID)
  }
}

const UID = 1000

async function viaWorkspaces(folder: string, root: string): Promise<() => Promise<number>> {
  const user =
    process.getuid?.() === 0 ? { uid: UID, gid: UID } : { uid: process.getuid!(), gid: process.getgid!() }
  const workspaces = createGitWorkspaces({ dataDir: join(folder, 'data'), ...user })
  const ref = { project: projectId('bench'), run: runId('run'), root }
  const { base } = await workspaces.prepareRun(ref)
  let round = 0
  return async () => {
    const task = taskId(`t${++round}`)
    const attempt = attemptId(ref.run, task, 1)
    const time = Date.now()
    let path = ''
    let cut = base!
    let ms = await timed(async () => {
      const made = await workspaces.cut({ ...ref, attempt, base: base!, from: [], artifacts: [] })
      if (made.status !== 'cut') throw new Error(`the cut conflicts in ${made.files.join(', ')}`)
      path = made.path
      cut = made.commit
    })
    change(path, round)
    ms += await timed(async () => {
      const names = { agent: `Bench/${task}#1`, role: 'Bench', title: task, kind: 'work' }
      const done = await workspaces.commit({ ...ref, ...names, attempt, task, cut, writes: ['**'], time })
      if (done.commit === null) throw new Error('nothing was committed')
      const merged = await workspaces.merge({ ...ref, task, commit: done.commit, message: task, time })
      if (merged.status !== 'merged') throw new Error(`the merge conflicts in ${merged.files.join(', ')}`)
    })
    await workspaces.remove(ref, attempt)
    return ms
  }
}

const CUT = `set -e
git clone -q --shared --no-checkout "$HUB" "$CLONE"
cd "$CLONE"; git checkout -q --detach "$BASE"`

const COMMIT = `set -e
cd "$CLONE"; git add -A; git commit -q -m task; commit=$(git rev-parse HEAD)
cd "$HUB"; git fetch -q "$CLONE" "$commit"
tip=$(git rev-parse refs/heads/run)
tree=$(git merge-tree --write-tree "$tip" "$commit")
merged=$(git commit-tree "$tree" -p "$tip" -p "$commit" -m "merge task")
git update-ref refs/heads/run "$merged" "$tip"`

async function viaShell(folder: string, root: string): Promise<() => Promise<number>> {
  const hub = join(folder, 'shell-hub.git')
  await run('git', ['clone', '-q', '--bare', root, hub])
  await run('git', ['-C', hub, 'update-ref', 'refs/heads/run', 'refs/heads/main'])
  const base = (await run('git', ['-C', hub, 'rev-parse', 'main'])).stdout.trim()
  const who = { NAME: 'Bench', EMAIL: 'bench@example.invalid' }
  const identity = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  let round = 0
  return async () => {
    const clone = join(folder, `shell-clone-${++round}`)
    const env = { ...process.env, ...Object.fromEntries(identity), HUB: hub, CLONE: clone, BASE: base }
    let ms = await timed(() => run('sh', ['-c', CUT], { env }))
    change(clone, round)
    ms += await timed(() => run('sh', ['-c', COMMIT], { env }))
    await run('rm', ['-rf', clone])
    return ms
  }
}
