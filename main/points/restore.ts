import { join } from 'node:path'
import { commitId } from '../domain/ids.ts'
import type { RollbackPoint, TargetPart } from '../domain/points/point.ts'
import type { RestoreAction } from '../domain/targets/target.ts'
import type { ActionSpec, Planner } from '../targets/actions.ts'
import type { ActionPlan, Step, StepContext } from '../targets/step.ts'
import { putFiles } from './environment.ts'
import { guarded, holdOf } from './guard.ts'
import { checkFile, type DatabaseKeeper, type Restoring } from './keeper.ts'
import { PointError } from './pointError.ts'
import { DUMP, FILES, folderOf, type Manifest, readManifest } from './pointFolder.ts'
import { markOf, type PointTools, step, targetOf } from './tools.ts'

/** Steps of a rollback, each an action of its own. */

const LONG_MS = 6 * 3_600_000
const MINUTE_MS = 60_000

/** How each part is put back; `image` is its place's to do. */
export function restorePlan(tools: PointTools, image: Planner): Planner {
  return (spec) => {
    const action = spec.action.action
    if (action.do !== 'restore') throw new Error('only an action `restore` puts something back')
    const parts: Readonly<Record<TargetPart, () => ActionPlan>> = {
      database: () => databasePlan(tools, spec, action),
      environment: () => guarded(tools, spec, single(environmentStep(tools, spec, action))),
      image: () => guarded(tools, spec, image(spec)),
      branch: () => single(branchStep(tools, spec, action), (facts) => ({ kept: facts.kept ?? '' })),
    }
    return parts[action.part]()
  }
}

function single(only: Step, done: ActionPlan['done'] = () => ({})): ActionPlan {
  const half = (words: string) => ({ state: 'half', reason: words })
  return { steps: [only], done, failed: (_, { undone, words }) => (undone ? {} : half(words)) }
}

export function scratchPlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const action = spec.action.action
  if (action.do !== 'scratch') throw new Error('only an action `scratch` restores beside')
  return single(
    step({
      key: 'scratch',
      title: `Restore the data of ${action.point} beside the present ones`,
      limitMs: LONG_MS,
      perform: async (context) => {
        const { keeper, restoring } = await opened(tools, spec, action, context)
        await keeper.scratch(restoring, context)
        return undefined
      },
      undo: async (context) => {
        const { keeper, restoring } = await opened(tools, spec, action, context)
        await keeper.dropScratch(restoring, context.signal)
      },
    }),
  )
}

interface Opened {
  readonly keeper: DatabaseKeeper
  readonly restoring: Restoring
}

/** The database of a point's target, and what of the point is to be restored. */
export async function opened(
  tools: PointTools,
  spec: ActionSpec,
  of: { readonly point: string; readonly key: string },
  { say, signal }: Pick<StepContext, 'say' | 'signal'>,
): Promise<Opened> {
  const target = targetOf(spec)
  const place = target === null ? null : tools.placeOf(spec.project, target)
  if (place === null || place.database === null)
    throw new PointError(
      `${target?.name ?? 'It'} has no database now.`,
      'Leave the database out of the rollback.',
    )
  await place.ready(say, signal)
  const manifest = await manifestOf(tools, spec, of)
  const point = pointOf(spec, of.point)
  // What the record says of the snapshot counts: a manifest may have been altered together with its files.
  const snapshot = point.database ?? manifest.content.database
  if (snapshot === null)
    throw new PointError(`${of.point} holds no database.`, 'Leave the database out of the rollback.')
  const file = join(folderOf(tools.dataDir, spec.project, of.key), DUMP)
  const restoring = { file, snapshot, measure: manifest.measure, mark: markOf(spec), at: spec.action.at }
  return { keeper: place.database, restoring }
}

export function pointOf(spec: ActionSpec, id: string): RollbackPoint {
  const found = spec.action.points.find((point) => point.id === id)
  if (found !== undefined) return found
  throw new PointError(`${id} is not on record any more.`, 'Choose another point: amphi points.')
}

export async function manifestOf(
  tools: PointTools,
  spec: ActionSpec,
  { point, key }: { readonly point: string; readonly key: string },
): Promise<Manifest> {
  const manifest = await readManifest(tools.dataDir, spec.project, key)
  if (manifest !== undefined) return manifest
  const folder = folderOf(tools.dataDir, spec.project, key)
  throw new PointError(
    `The files of ${point} are gone (${folder}).`,
    'Choose another point, or bring them back from their copy.',
  )
}

/** The snapshot is looked at before anybody has to wait; then nobody but this run knows what data there are. */
function databasePlan(tools: PointTools, spec: ActionSpec, action: RestoreAction): ActionPlan {
  const found: Found = { now: undefined }
  const plan = single(databaseStep(tools, spec, action, found), (facts) => ({ kept: facts.kept ?? '' }))
  return guarded(tools, spec, plan, async (context) => {
    const now = await opened(tools, spec, action, context)
    const { keeper, restoring } = now
    // Others were restored beside already.
    if (restoring.snapshot.kind === 'hook') await keeper.scratch(restoring, context)
    else await checkFile(restoring)
    const hold = holdOf(tools, spec)
    if (typeof hold !== 'string') await hold.hold(spec.run, context.signal, context.say)
    found.now = now
  })
}

/** What the step before has just seen to be up and ready; undefined where it was done by an earlier start of the program. */
interface Found {
  now: Opened | undefined
}

function databaseStep(tools: PointTools, spec: ActionSpec, action: RestoreAction, found: Found): Step {
  return step({
    key: 'swap',
    title: `Put the data of ${action.point} in the place of the present ones`,
    limitMs: LONG_MS,
    perform: async (context) => {
      // Once: everybody waits, and a second try has to see for itself.
      const { now } = found
      found.now = undefined
      const { keeper, restoring } = now ?? (await opened(tools, spec, action, context))
      const hold = holdOf(tools, spec)
      if (typeof hold !== 'string') await hold.exchanging(spec.run, context.signal, context.say)
      const kept = await keeper.swap(restoring, context)
      return { kept: kept ?? '' }
    },
    undo: async (context) => {
      const { keeper, restoring } = await opened(tools, spec, action, context)
      const isInPlace = await keeper.undoSwap(restoring, context.signal)
      const hold = holdOf(tools, spec)
      if (typeof hold !== 'string' && !isInPlace) await hold.notExchanged(spec.run)
    },
  })
}

function environmentStep(tools: PointTools, spec: ActionSpec, action: RestoreAction): Step {
  return step({
    key: 'environment',
    title: 'Put settings back',
    limitMs: MINUTE_MS,
    perform: async ({ say }) => {
      const manifest = await manifestOf(tools, spec, action)
      const folder = join(folderOf(tools.dataDir, spec.project, action.key), FILES)
      const point = pointOf(spec, action.point)
      const files = manifest.files.filter(({ path, hash }) => point.environment[path] === hash)
      const changed = await putFiles(spec.action.root, files, folder)
      say(changed.length === 0 ? 'They are as they were.' : `Put back: ${changed.join(', ')}`)
      return undefined
    },
  })
}

function branchStep(tools: PointTools, spec: ActionSpec, action: RestoreAction): Step {
  return step({
    key: 'branch',
    title: 'Move the branch back',
    limitMs: 30 * MINUTE_MS,
    perform: async ({ say }) => {
      const { move, key } = action
      if (move === undefined)
        throw new PointError('It was not said where the branch goes.', 'Look again, and start anew.')
      const { branch, from, to, keepAs } = move
      const moved = await tools.commits.moveBack({
        project: spec.project,
        root: spec.action.root,
        key,
        branch,
        from: commitId(from),
        to: commitId(to),
        keepAs,
      })
      if (moved.status === 'refused')
        throw new PointError(`The branch was left alone: ${moved.reason}.`, moved.remedy)
      say(`${branch} is at ${to.slice(0, 12)}; what it held is on ${moved.kept ?? 'no branch'}`)
      return { kept: moved.kept ?? '' }
    },
  })
}
