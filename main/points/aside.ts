import { formatBytes } from '../domain/bytes.ts'
import { type ProjectId, parseAttemptId } from '../domain/ids.ts'
import { type AsideDatabase, DEFAULT_ASIDE, newestFirst, outdatedAside } from '../domain/points/aside.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TargetSpec } from '../domain/targets/target.ts'
import type { AsideSight } from '../engine/ports/targets.ts'
import type { ActionSpec } from '../targets/actions.ts'
import type { ActionPlan, StepContext } from '../targets/step.ts'
import type { Aside, DatabaseKeeper } from './keeper.ts'
import { PointError } from './pointError.ts'
import { markOf, type PointTools, step, targetOf } from './tools.ts'

/** Databases that rollbacks have put aside: seen, dropped by hand, and let go by the policy of their target. */
const LOOK_MS = 10_000
const MINUTE_MS = 60_000

export async function asideSight(
  tools: PointTools,
  project: ProjectId,
  target: TargetSpec,
  points: readonly RollbackPoint[],
): Promise<readonly AsideSight[]> {
  const { database } = tools.placeOf(project, target)
  if (database === null) return []
  const all = listed(await database.aside(AbortSignal.timeout(LOOK_MS)), points)
  const outdated = outdatedAside(all, target.points.aside ?? DEFAULT_ASIDE, Date.now())
  return all.map((one) => ({ ...one, outdated: outdated.includes(one) }))
}

function listed(found: readonly Aside[], points: readonly RollbackPoint[]): readonly AsideDatabase[] {
  return newestFirst(
    found.map(({ name, bytes, at, mark }) => ({ name, bytes, at, completes: completes(points, mark) })),
  )
}

/** The point of the first step of the rollback that put it aside. */
function completes(points: readonly RollbackPoint[], mark: string): string | null {
  const point = points.find(({ why, key }) => {
    const run = why === 'rollback' ? parseAttemptId(key)?.run : undefined
    return run !== undefined && markOf({ run }) === mark
  })
  return point?.id ?? null
}

/** By the way of whoever has the target to itself. What cannot be dropped now is told, and is dropped later. */
export async function tidyAside(
  tools: PointTools,
  spec: ActionSpec,
  { say, signal }: Pick<StepContext, 'say' | 'signal'>,
  /** What there is, where that was just seen. */
  seen?: readonly Aside[],
): Promise<void> {
  const target = targetOf(spec)
  const database = target === null ? null : tools.placeOf(spec.project, target).database
  if (target === null || database === null) return
  try {
    const all = listed(seen ?? (await database.aside(signal)), spec.action.points)
    for (const { name, bytes } of outdatedAside(all, target.points.aside ?? DEFAULT_ASIDE, Date.now())) {
      await database.dropAside(name, signal)
      say(
        `${name} (${formatBytes(bytes)}), which a rollback had put aside, was dropped: the policy keeps it no longer`,
      )
    }
  } catch (error) {
    if (signal.aborted) throw error
    say(`What rollbacks have put aside could not be tidied up: ${(error as Error).message}`)
  }
}

export function dropAsidePlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const { action } = spec.action
  if (action.do !== 'drop-aside') throw new Error('only an action `drop-aside` drops what was put aside')
  return {
    steps: [
      step({
        key: 'drop',
        title: `Drop ${action.names.join(', ')}`,
        limitMs: 10 * MINUTE_MS,
        perform: async ({ say, signal }) => {
          const target = targetOf(spec)
          const place = target === null ? null : tools.placeOf(spec.project, target)
          if (place === null || place.database === null)
            throw new PointError('It has no database.', 'Look at the target: amphi targets show.')
          await place.ready(say, signal)
          const all = listed(await place.database.aside(signal), spec.action.points)
          for (const name of action.names) {
            const known = all.find((one) => one.name === name)
            if (known === undefined) say(`${name} is not there (any more)`)
            else await drop(place.database, known, action.anyway, { say, signal })
          }
          return undefined
        },
      }),
    ],
    done: () => ({}),
    failed: () => ({}),
  }
}

async function drop(
  database: DatabaseKeeper,
  { name, bytes, completes: point }: AsideDatabase,
  anyway: boolean,
  { say, signal }: Pick<StepContext, 'say' | 'signal'>,
): Promise<void> {
  if (point !== null && !anyway)
    throw new PointError(
      `${name} has what was written after ${point} was made and before the hold: going back to ${point} would lack it.`,
      `Say --anyway if that is not needed, or remove ${point} first.`,
    )
  await database.dropAside(name, signal)
  say(`${name} was dropped, ${formatBytes(bytes)}`)
}
