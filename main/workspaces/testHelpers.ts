import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type AttemptId,
  attemptId,
  type CommitId,
  commitId,
  projectId,
  runId,
  taskId,
} from '../domain/ids.ts'
import type {
  CommitRequest,
  CommitResult,
  CutResult,
  RunRef,
  Workspaces,
} from '../engine/ports/workspaces.ts'
import { createGitWorkspaces } from './createGitWorkspaces.ts'

/** Real git in temporary places. `using world = makeWorld()` removes them at the end of the test. */
export interface World extends Disposable {
  readonly folder: string
  readonly root: string
  readonly dataDir: string
  readonly workspaces: Workspaces
  readonly run: RunRef
  readonly hub: string
}

export function makeWorld(options: { readonly root?: string; readonly init?: boolean } = {}): World {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-ws-'))
  execFileSync('chmod', ['755', folder])
  const root = join(folder, options.root ?? 'user')
  const dataDir = join(folder, 'data')
  mkdirSync(root, { recursive: true })
  if (options.init !== false) initRepository(root)
  const [uid, gid] = agentUser()
  return {
    folder,
    root,
    dataDir,
    workspaces: createGitWorkspaces({ dataDir, uid, gid }),
    run: { project: projectId('demo'), run: runId('run-1'), root },
    hub: join(dataDir, 'projects', 'demo', 'hub.git'),
    [Symbol.dispose]: () => {
      execFileSync('chmod', ['-R', 'u+rwX', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function agentUser(): [uid: number, gid: number] {
  const uid = process.getuid!()
  return uid === 0 ? [1000, 1000] : [uid, process.getgid!()]
}

export function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }
  const settings = ['-c', 'safe.directory=*', '-c', 'protocol.file.allow=always']
  const out = execFileSync('git', [...settings, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  return out.toString('utf8').trimEnd()
}

export function initRepository(root: string, ...options: string[]): void {
  git(root, 'init', '--quiet', '--initial-branch=main', ...options)
  git(root, 'config', 'user.name', 'User')
  git(root, 'config', 'user.email', 'user@example.com')
}

export type Files = Readonly<Record<string, string | Buffer>>

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export function makeCommit(root: string, files: Files, message = 'change'): CommitId {
  writeFiles(root, files)
  git(root, 'add', '--all', '--force')
  git(root, 'commit', '--quiet', '--allow-empty', '-m', message)
  return commitId(git(root, 'rev-parse', 'HEAD'))
}

export const attempt = (world: World, task: string, n = 1): AttemptId =>
  attemptId(world.run.run, taskId(task), n)

export interface Cut {
  readonly commit: CommitId
  readonly path: string
  readonly mounts: readonly string[]
  readonly leftOut: readonly string[]
}

export interface CutOptions {
  readonly from?: readonly CommitId[]
  readonly artifacts?: readonly string[]
  readonly n?: number
}

export async function tryCut(world: World, task: string, options: CutOptions = {}): Promise<CutResult> {
  await world.workspaces.prepareRun(world.run)
  const base = commitId(git(world.hub, 'rev-parse', `refs/amphitheatre/runs/${world.run.run}/base`))
  return world.workspaces.cut({
    ...world.run,
    attempt: attempt(world, task, options.n),
    base,
    from: options.from ?? [],
    artifacts: options.artifacts ?? [],
  })
}

export async function cutTask(world: World, task: string, options: CutOptions = {}): Promise<Cut> {
  const result = await tryCut(world, task, options)
  if (result.status !== 'cut') throw new Error(`conflict in ${result.files.join(', ')}`)
  const { commit, path, readOnlyMounts, leftOut } = result
  return { commit, path, mounts: readOnlyMounts, leftOut: leftOut ?? [] }
}

function commitRequest(
  world: World,
  task: string,
  cut: CommitId,
  more: Partial<CommitRequest> = {},
): CommitRequest {
  return {
    ...world.run,
    attempt: attempt(world, task),
    task: taskId(task),
    agent: `BuildMaster/${task}#1`,
    role: 'BuildMaster',
    title: `do ${task}`,
    kind: 'work',
    cut,
    writes: ['**'],
    time: 1_700_000_000_000,
    ...more,
  }
}

export function commitTask(
  world: World,
  task: string,
  cut: CommitId,
  more: Partial<CommitRequest> = {},
): Promise<CommitResult> {
  return world.workspaces.commit(commitRequest(world, task, cut, more))
}

/** Cut, edit and commit in one go. */
export async function doTask(
  world: World,
  task: string,
  edit: Files | ((work: string) => void),
  more: Partial<CommitRequest> & CutOptions = {},
): Promise<CommitResult> {
  const cut = await cutTask(world, task, more)
  if (typeof edit === 'function') edit(cut.path)
  else writeFiles(cut.path, edit)
  const { from: _f, artifacts: _a, n: _n, ...rest } = more
  return commitTask(world, task, cut.commit, rest)
}

export function mergeTask(world: World, task: string, commit: CommitId, time = 1_700_000_001_000) {
  const message = `feat(BuildMaster): ${task}\n\nTask: ${task}`
  return world.workspaces.merge({ ...world.run, task: taskId(task), commit, message, time })
}

/** Every path below a folder with all that could change about it, times included; contents as a hash. */
export function fingerprint(folder: string): Record<string, string> {
  const seen: Record<string, string> = {}
  const visit = (path: string): void => {
    const stat = lstatSync(join(folder, path), { bigint: true })
    const facts = [stat.mode, stat.uid, stat.gid, stat.mtimeNs, stat.ctimeNs, stat.ino].join(' ')
    if (stat.isDirectory()) {
      seen[path] = facts
      for (const name of readdirSync(join(folder, path)).sort()) visit(join(path, name))
    } else if (stat.isSymbolicLink()) seen[path] = `${facts} -> ${readlinkSync(join(folder, path))}`
    else if (stat.isFile()) {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')
      seen[path] = `${facts} ${stat.size} ${hash}`
    } else seen[path] = facts
  }
  visit('.')
  return seen
}

/** `path -> mode id` of a commit in the hub. */
export function treeOf(world: World, commit: string): Record<string, string> {
  const lines = git(world.hub, 'ls-tree', '-r', '-z', commit).split('\0').filter(Boolean)
  return Object.fromEntries(
    lines.map((line) => {
      const [meta, path] = line.split('\t')
      const [mode, , id] = meta!.split(' ')
      return [path!, `${mode} ${id}`]
    }),
  )
}

export const show = (world: World, commit: string, path: string): string =>
  git(world.hub, 'show', `${commit}:${path}`)
