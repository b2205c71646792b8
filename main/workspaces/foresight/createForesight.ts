import { join } from 'node:path'
import type { ProjectId } from '../../domain/ids.ts'
import type { Foresight, LookRequest, Outlook, WorkInSight } from '../../engine/ports/foresight.ts'
import { WorkspaceError } from '../../engine/ports/workspaces.ts'
import { createArtifactStore } from '../artifacts.ts'
import type { StockLimits } from '../change.ts'
import { DEFAULT_COMMIT_LIMITS } from '../createGitWorkspaces.ts'
import { isDiskFull, permanent, toWorkspaceError } from '../errors.ts'
import { createQueue } from '../files.ts'
import { createGit, type Git, text } from '../git.ts'
import { openHub } from '../hub.ts'
import { projectFolder } from '../layout.ts'
import { NOTHING } from './changedPaths.ts'
import { Forecast, type Foreseen, type Work } from './forecast.ts'
import { LiveWork } from './liveWork.ts'
import { openScratch, type Scratch } from './scratch.ts'

export interface ForesightOptions {
  readonly dataDir: string
  /** Default `git` on the path. 2.39 or newer. */
  readonly git?: string
  readonly limits?: Partial<StockLimits>
}

/** What a project's object store for trying merges may hold before it is begun anew. */
const MAX_SCRATCH_KIB = 512 * 1024
const MAX_SCRATCH_OBJECTS = 50_000
const LOOKS_BETWEEN_COUNTS = 50
const MAX_PATCH_BYTES = 64 * 1024

/** What is known of one project since the last time it was begun anew. */
interface Sight {
  readonly scratch: Scratch
  readonly forecast: Forecast
  readonly live: Map<string, LiveWork>
  /** Of the last look, by id. */
  works: ReadonlyMap<string, Work>
  looks: number
}

/** `Foresight` on git and the local disk: clones as they lie there, merges by `git merge-tree`. */
export function createForesight(options: ForesightOptions): Foresight {
  const { dataDir } = options
  const git = createGit(options.git)
  const limits = { ...DEFAULT_COMMIT_LIMITS, ...options.limits }
  const sights = new Map<ProjectId, Sight>()
  const queue = createQueue()
  const inTurn = <T>(project: ProjectId, doing: string, work: () => Promise<T>): Promise<T> =>
    queue(project, async () => {
      try {
        return await work()
      } catch (error) {
        throw toWorkspaceError(error, `${doing} of ${project}`, await isDiskFull(error, [dataDir]))
      }
    })
  const forget = async (project: ProjectId): Promise<void> => {
    const sight = sights.get(project)
    sights.delete(project)
    await sight?.scratch.remove()
  }
  const sightOf = async (project: ProjectId): Promise<Sight> => {
    const known = sights.get(project)
    if (known !== undefined) return known
    const made = await openSight(git, dataDir, project)
    sights.set(project, made)
    return made
  }
  return {
    look: (request) =>
      inTurn(request.project, 'looking for conflicts', async () => {
        const before = sights.get(request.project)
        if (before !== undefined && (await isFull(before))) await forget(request.project)
        return await look(await sightOf(request.project), { dataDir, limits }, request)
      }),
    evidence: (project, work, files) =>
      inTurn(project, 'keeping evidence', async () => {
        const sight = sights.get(project)
        const known = sight?.works.get(work)
        if (sight === undefined || known === undefined || files.length === 0) return null
        const store = createArtifactStore(join(projectFolder(dataDir, project), 'artifacts'))
        const patch = Buffer.from(await patchOf(sight.scratch, known, files))
        return { hash: await store.put(once(patch)), bytes: patch.length }
      }),
    forget: (project) => inTurn(project, 'forgetting merges', () => forget(project)),
  }
}

async function openSight(git: Git, dataDir: string, project: ProjectId): Promise<Sight> {
  const folder = projectFolder(dataDir, project)
  const hub = await openHub(git, folder)
  if (hub === undefined) throw permanent(`project ${project} has no hub`, 'Start a run; it makes one.')
  const scratch = await openScratch(hub, join(folder, 'foresight'))
  const forecast = new Forecast(scratch.hub)
  return { scratch, forecast, live: new Map(), works: new Map(), looks: 0 }
}

async function look(
  sight: Sight,
  context: { readonly dataDir: string; readonly limits: StockLimits },
  request: LookRequest,
): Promise<Outlook> {
  const { works: asked, pairs, budgetMs } = request
  const end = performance.now() + budgetMs
  const unread: { id: string; why: string }[] = []
  const works: (Work | undefined)[] = []
  for (const ref of asked) {
    works.push(await workOf(sight, context, ref).catch((error) => void unread.push(whyUnread(ref, error))))
  }
  for (const id of sight.live.keys()) if (!asked.some((ref) => ref.id === id)) sight.live.delete(id)
  sight.works = new Map(works.flatMap((work) => (work === undefined ? [] : [[work.id, work]])))
  sight.looks++
  const readable = pairs.filter(([a, b]) => works[a] !== undefined && works[b] !== undefined)
  const { foreseen, cost } = await sight.forecast.look(
    readable.map(([a, b]) => [works[a]!, works[b]!]),
    { goOn: () => performance.now() < end },
  )
  const seen = (status: Foreseen['verdict']['status']) =>
    readable.filter((_, i) => foreseen[i]!.verdict.status === status)
  return {
    conflicts: readable.flatMap((pair, i) => {
      const { verdict } = foreseen[i]!
      return verdict.status === 'conflict' ? [{ pair, files: verdict.files }] : []
    }),
    unknown: [...pairs.filter((pair) => !readable.includes(pair)), ...seen('unknown')],
    unread,
    cost,
  }
}

async function workOf(
  sight: Sight,
  context: { readonly dataDir: string; readonly limits: StockLimits },
  ref: WorkInSight,
): Promise<Work> {
  if (ref.kind === 'fixed') return { id: ref.id, commit: ref.commit, cut: ref.commit, changed: NOTHING }
  const { scratch, live } = sight
  let known = live.get(ref.id)
  if (known === undefined) {
    known = new LiveWork({ ...context, hub: scratch.hub }, scratch.hub)
    live.set(ref.id, known)
  }
  return await known.look({ ...ref, attempt: ref.id }, ref.touched)
}

/** One clone that cannot be read (it is being removed, a file does not keep still) says nothing about the others. */
function whyUnread({ id }: WorkInSight, error: unknown): { id: string; why: string } {
  const told = toWorkspaceError(error, `reading the work of ${id}`)
  if (!(told instanceof WorkspaceError) || told.kind === 'disk-full') throw told
  return { id, why: told.message }
}

/** What the work changes in these files since its cut, or on a run's branch the newest change to them. */
async function patchOf({ hub }: Scratch, work: Work, files: readonly string[]): Promise<string> {
  const options = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', '--unified=3']
  const [from, to] =
    work.commit === work.cut ? await lastChange(hub, work.commit, files) : [work.cut, work.commit]
  if (from === undefined) return ''
  const patch = text(await hub.git({ args: ['diff', ...options, from, to, '--', ...files] }))
  if (Buffer.byteLength(patch) <= MAX_PATCH_BYTES) return `${patch}\n`
  const head = Buffer.from(patch).subarray(0, MAX_PATCH_BYTES).toString('utf8')
  return `${head.slice(0, head.lastIndexOf('\n'))}\n… shortened\n`
}

async function lastChange(
  hub: Scratch['hub'],
  commit: string,
  files: readonly string[],
): Promise<[from: string | undefined, to: string]> {
  const args = ['log', '-1', '--no-merges', '--format=%H %P', commit, '--', ...files]
  const [to, from] = text(await hub.git({ args })).split(' ')
  return [from, to!]
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

async function isFull({ scratch, looks }: Sight): Promise<boolean> {
  if (looks % LOOKS_BETWEEN_COUNTS !== 0) return false
  const facts = text(await scratch.hub.git({ args: ['count-objects', '-v'] }))
  const of = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(facts)?.[1] ?? 0)
  return of('size') + of('size-pack') > MAX_SCRATCH_KIB || of('count') > MAX_SCRATCH_OBJECTS
}
