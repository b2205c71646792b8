import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttemptId, ProjectId } from '../domain/ids.ts'
import { runId } from '../domain/ids.ts'
import type { RunRef, Workspaces } from '../engine/ports/workspaces.ts'
import { apply } from './apply.ts'
import { createArtifactStore } from './artifacts.ts'
import { checkpoint } from './checkpoint.ts'
import { type CommitContext, type CommitLimits, commit } from './commit.ts'
import { cut } from './cut.ts'
import { isDiskFull, permanent, toWorkspaceError } from './errors.ts'
import { fileHistory } from './fileHistory.ts'
import { createQueue, removeTree, unlessMissing } from './files.ts'
import { createGit } from './git.ts'
import { handHistory } from './handHistory.ts'
import { deleteRefs, type Hub, openHub, readRef } from './hub.ts'
import { attemptOfFolder, attemptPaths, projectFolder, runFolder, runRefs } from './layout.ts'
import { merge } from './merge.ts'
import { prepareRun } from './prepare.ts'
import { missing, publish, put } from './publish.ts'
import { readFiles } from './readFiles.ts'
import { ASIDE_LIMITS, putBack, setAside } from './setAside.ts'
import { advance, stack } from './stack.ts'
import { watchStrays } from './strayWatch.ts'
import { sweepProject } from './sweep.ts'

export interface GitWorkspacesOptions {
  readonly dataDir: string
  /** The containers' user, who owns the clones. Where the engine is not root, its own. */
  readonly uid: number
  readonly gid: number
  /** The git to run; default `git` on the path. 2.38 or newer. */
  readonly git?: string
  readonly limits?: Partial<CommitLimits>
}

const MIB = 1024 * 1024
export const DEFAULT_COMMIT_LIMITS: CommitLimits = {
  maxFileBytes: 100 * MIB,
  maxArtifactBytes: 512 * MIB,
  maxArtifactTotalBytes: 2048 * MIB,
  maxEntries: 1_000_000,
}

/** `Workspaces` on git and the local disk. One per data folder; whoever makes it holds the folder's lock. */
export function createGitWorkspaces(options: GitWorkspacesOptions): Workspaces {
  const { dataDir } = options
  if (process.getuid?.() === 0 && options.uid === 0) {
    throw permanent('agents must not be root', 'Give the workspaces the id of a user who is not root.')
  }
  const git = createGit(options.git)
  const limits = { ...DEFAULT_COMMIT_LIMITS, ...options.limits }
  const queue = createQueue()
  /** Projects whose leftovers this process has removed. */
  const swept = new Set<ProjectId>()
  const storeOf = (project: ProjectId) =>
    createArtifactStore(join(projectFolder(dataDir, project), 'artifacts'))
  const hubOf = async (run: RunRef): Promise<Hub> => {
    const hub = await openHub(git, projectFolder(dataDir, run.project))
    if (hub !== undefined) return hub
    throw permanent(`project ${run.project} has no hub`, 'Start a run; it makes one.')
  }
  const asideOf = async (run: RunRef): Promise<CommitContext> => {
    const store = storeOf(run.project)
    return { dataDir, hub: await hubOf(run), limits, owner: options, store, asideLimits: ASIDE_LIMITS }
  }
  const explained = async <T>(doing: string, work: () => Promise<T>, root = dataDir): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw toWorkspaceError(error, doing, await isDiskFull(error, [dataDir, root]))
    }
  }
  const inTurn = <T>(key: string, doing: string, work: () => Promise<T>, root?: string): Promise<T> =>
    queue(key, () => explained(doing, work, root))

  return {
    prepareRun: (run) =>
      inTurn(`project ${run.project}`, `preparing run ${run.run}`, async () => {
        if (!swept.has(run.project)) await sweepProject(projectFolder(dataDir, run.project))
        swept.add(run.project)
        return prepareRun(git, dataDir, run)
      }),
    cut: (request) =>
      inTurn(request.attempt, `cutting ${request.attempt}`, async () => {
        const hub = await hubOf(request)
        return cut({ dataDir, hub, owner: options, store: storeOf(request.project) }, request)
      }),
    commit: (request) =>
      inTurn(request.attempt, `committing ${request.attempt}`, async () => {
        return commit(await asideOf(request), request)
      }),
    checkpoint: (request) =>
      inTurn(request.attempt, `keeping what ${request.attempt} has done`, async () =>
        checkpoint({ dataDir, hub: await hubOf(request), limits }, request),
      ),
    watch: (request) =>
      explained(`watching ${request.attempt}`, async () =>
        watchStrays({ dataDir, hub: await hubOf(request), owner: options }, request),
      ),
    setAside: (request) =>
      inTurn(request.attempt, `setting aside what ${request.attempt} wrote`, async () =>
        setAside(await asideOf(request), request),
      ),
    putBack: (request) =>
      inTurn(request.attempt, `giving ${request.attempt} its files back`, async () =>
        putBack(await asideOf(request), request),
      ),
    missing: (run, attempt, paths) =>
      explained(`looking for files of ${attempt}`, () => missing(dataDir, run, attempt, paths)),
    publish: (run, attempt, path, maxBytes) =>
      explained(`publishing a file of ${attempt}`, () =>
        publish(dataDir, storeOf(run.project), { run, attempt, path, maxBytes }),
      ),
    putArtifact: (project, data, maxBytes) =>
      explained(`storing an artifact of ${project}`, () => put(storeOf(project), data, maxBytes)),
    artifactPath: (project, hash) =>
      explained(`finding an artifact of ${project}`, () => storeOf(project).find(hash)),
    readFiles: (request) =>
      explained(`reading files of run ${request.run}`, async () =>
        readFiles(await hubOf(request), storeOf(request.project), request),
      ),
    merge: (request) =>
      inTurn(`run ${request.run}`, `merging ${request.task}`, async () =>
        merge(await hubOf(request), request),
      ),
    stack: (request) =>
      inTurn(`run ${request.run}`, `merging for a check of run ${request.run}`, async () =>
        stack(await hubOf(request), request),
      ),
    advance: (request) =>
      inTurn(`run ${request.run}`, `moving the branch of run ${request.run}`, async () =>
        advance(await hubOf(request), request),
      ),
    remove: (run, attempt) =>
      inTurn(attempt, `removing ${attempt}`, () => removeTree(attemptPaths(dataDir, run, attempt).folder)),
    apply: (run) =>
      inTurn(
        `project ${run.project}`,
        `applying run ${run.run}`,
        async () => apply(git, dataDir, await hubOf(run), run),
        run.root,
      ),
    discard: (run) =>
      inTurn(`project ${run.project}`, `discarding run ${run.run}`, async () => {
        await removeTree(runFolder(dataDir, run))
        const hub = await openHub(git, projectFolder(dataDir, run.project))
        if (hub !== undefined) await deleteRefs(hub, runRefs(run.run).all)
      }),
    diff: (run) => explained(`comparing run ${run.run}`, async () => diff(await hubOf(run), run)),
    fileHistory: (run, paths) =>
      explained(`looking who changed files in run ${run.run}`, async () =>
        fileHistory(await hubOf(run), run, paths),
      ),
    handHistory: (works, paths) =>
      explained('looking who changed files by hand', () => handHistory(git, works, paths)),
    list: (project) => explained(`listing workspaces of ${project}`, () => list(dataDir, project)),
  }
}

async function diff(hub: Hub, run: RunRef): Promise<string> {
  const refs = runRefs(run.run)
  const [base, tip] = [await readRef(hub, refs.base), await readRef(hub, refs.tip)]
  if (base === undefined || tip === undefined) {
    throw permanent(`run ${run.run} has no branch in the hub`, 'It was discarded, or never started.')
  }
  const options = ['--no-color', '--no-ext-diff', '--no-textconv', '--find-renames']
  return (await hub.git({ args: ['diff', ...options, base, tip] })).stdout.toString('utf8')
}

async function list(dataDir: string, project: ProjectId): Promise<AttemptId[]> {
  const runs = join(projectFolder(dataDir, project), 'runs')
  const found: AttemptId[] = []
  for (const run of (await unlessMissing(readdir(runs))) ?? []) {
    const folders = (await unlessMissing(readdir(join(runs, run), { withFileTypes: true }))) ?? []
    for (const folder of folders) {
      const attempt = folder.isDirectory() ? attemptOfFolder(runId(run), folder.name) : undefined
      if (attempt !== undefined) found.push(attempt)
    }
  }
  return found.sort()
}
