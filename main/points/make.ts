import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PointContent, PointReason } from '../domain/points/point.ts'
import type { ActionSpec, PointSteps } from '../targets/actions.ts'
import type { ActionPlan, Step, StepContext } from '../targets/step.ts'
import { tidyAside } from './aside.ts'
import { keepFiles } from './environment.ts'
import type { Aside, Dumped } from './keeper.ts'
import { PointError } from './pointError.ts'
import {
  beginPoint,
  DUMP,
  dropAside,
  FILES,
  finishPoint,
  type Manifest,
  readManifest,
} from './pointFolder.ts'
import { type PointTools, step, targetOf } from './tools.ts'

const LIMIT_MS = 6 * 3_600_000

/** Makes a point of what a target is now, before anybody touches it. Leaves the facts `point` and `before`. */
export function pointSteps(tools: PointTools): PointSteps {
  return (spec, why) => [makeStep(tools, spec, why, null)]
}

export function pointPlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const { action } = spec.action
  if (action.do !== 'point') throw new Error('only an action `point` makes a point of its own')
  return {
    steps: [makeStep(tools, spec, action.why ?? 'deploy', action.name)],
    done: ({ point = '' }) => ({ point }),
    failed: () => ({}),
  }
}

function makeStep(tools: PointTools, spec: ActionSpec, why: PointReason, name: string | null): Step {
  const target = targetOf(spec)
  return step({
    key: 'point',
    title: target === null ? 'Keep the repository as it is' : `Keep ${target.name} as it is`,
    limitMs: LIMIT_MS,
    perform: async (context) => {
      const { manifest, aside } = await make(tools, spec, { why, name }, context)
      await tidyAside(tools, spec, context, aside)
      return { point: JSON.stringify(manifest.content), before: manifest.content.key }
    },
    // Once it is whole it is a point like any other, whatever becomes of the action.
    undo: () => dropAside(tools.dataDir, spec.project, spec.attempt),
  })
}

interface Wanted {
  readonly why: PointReason
  readonly name: string | null
}

async function make(
  tools: PointTools,
  spec: ActionSpec,
  { why, name }: Wanted,
  context: StepContext,
): Promise<{ readonly manifest: Manifest; readonly aside?: readonly Aside[] | undefined }> {
  const { dataDir } = tools
  const key = spec.attempt
  const there = await readManifest(dataDir, spec.project, key)
  if (there !== undefined) return { manifest: there }
  const target = targetOf(spec)
  const folder = await beginPoint(dataDir, spec.project, key)
  const release = target === null ? null : (spec.action.known?.current?.release ?? null)
  const place = target === null ? null : tools.placeOf(spec.project, target)
  const { project, action } = spec
  const failed = new AbortController()
  const signal = AbortSignal.any([context.signal, failed.signal])
  const parts = [
    // A target may be released from a folder that is no repository, or one without commits.
    tools.commits.keepHead({ project, root: action.root, key }),
    dumpTo(place, join(folder, DUMP), { ...context, signal }),
    release?.image == null ? undefined : place?.keepImage?.(release.image),
  ] as const
  const [git, dumped] = await Promise.all(parts).catch(async (error: unknown) => {
    // What takes longest is not waited for, and nothing is written any more when it is told.
    failed.abort(error)
    await Promise.allSettled(parts)
    throw error
  })
  const files = target === null ? [] : await keepFiles(spec.action.root, target.envFiles, join(folder, FILES))
  const content: PointContent = {
    key,
    target: target?.name ?? null,
    why,
    name,
    at: spec.action.at,
    git,
    release,
    database: dumped?.snapshot ?? null,
    environment: Object.fromEntries(files.map(({ path, hash }) => [path, hash])),
    bytes: (dumped?.snapshot.bytes ?? 0) + files.reduce((sum, { bytes }) => sum + bytes, 0),
  }
  const manifest: Manifest = {
    version: 1,
    content: content as Manifest['content'],
    measure: dumped?.measure === undefined || dumped.measure === null ? null : writable(dumped.measure),
    files: [...files],
  }
  await finishPoint(dataDir, spec.project, folder, manifest)
  return { manifest, aside: dumped?.aside }
}

function writable(measure: NonNullable<Dumped['measure']>): NonNullable<Manifest['measure']> {
  return { tables: { ...measure.tables }, schemaVersion: measure.schemaVersion }
}

async function dumpTo(
  place: ReturnType<PointTools['placeOf']> | null,
  file: string,
  { signal, say }: StepContext,
): Promise<Dumped | null> {
  if (place === null || place.database === null) return null
  await place.ready(say, signal)
  try {
    const dumped = await place.database.dump(file, { signal, say })
    if (dumped.snapshot.bytes > 0) return dumped
    throw new PointError(
      `The snapshot of ${dumped.snapshot.name} is empty.`,
      'Look at what makes it, then retry.',
    )
  } catch (error) {
    // What is half written only takes up room.
    await rm(file, { force: true })
    throw error
  }
}
