import { join } from 'node:path'
import type { DatabaseSnapshot } from '../domain/points/point.ts'
import type { ActionSpec } from '../targets/actions.ts'
import type { ActionPlan, Facts } from '../targets/step.ts'
import { tidyAside } from './aside.ts'
import { hashFile } from './files.ts'
import { PointError } from './pointError.ts'
import { FILES, folderOf, type Manifest } from './pointFolder.ts'
import { manifestOf, opened, pointOf } from './restore.ts'
import { type PointTools, step, targetOf } from './tools.ts'

const LONG_MS = 6 * 3_600_000

/**
 * Restores a point as a rollback would, into a place of its own, and drops it again. Only that tells whether it can be
 * restored: a list of what a cut dump holds can be read without complaint.
 */
export function testPointPlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const action = spec.action.action
  if (action.do !== 'test-point') throw new Error('only an action `test-point` tests')
  const { point } = action
  const tested = (ok: boolean, detail: string, facts: Facts): Facts => {
    const ms = facts.ms === undefined ? null : Number(facts.ms)
    return { tested: JSON.stringify({ point, ok, detail, ms }) }
  }
  return {
    steps: [
      step({
        key: 'restore',
        title: `Restore ${point} beside the present`,
        limitMs: LONG_MS,
        perform: async (context) => {
          const begun = performance.now()
          try {
            const found = await restored(tools, spec, action, context)
            return { found, ms: String(Math.round(performance.now() - begun)) }
          } catch (error) {
            // A place that does not answer says nothing of the point.
            if (error instanceof PointError && !error.passing) context.note({ bad: error.message })
            throw error
          }
        },
        undo: async (context) => drop(tools, spec, action, context),
      }),
      step({
        key: 'drop',
        title: 'Drop it again',
        limitMs: LONG_MS,
        optional: true,
        perform: async (context) => {
          await drop(tools, spec, action, context)
          await tidyAside(tools, spec, context)
          return undefined
        },
      }),
    ],
    done: (facts) => tested(true, facts.found ?? '', facts),
    failed: (facts) => (facts.bad === undefined ? {} : tested(false, facts.bad, facts)),
  }
}

type Action = { readonly point: string; readonly key: string }
type Context = Parameters<typeof opened>[3]

async function restored(
  tools: PointTools,
  spec: ActionSpec,
  action: Action,
  context: Context,
): Promise<string> {
  const point = pointOf(spec, action.point)
  const seen: string[] = []
  if (point.git !== null) seen.push(`commit ${point.git.commit.slice(0, 12)}`)
  if (point.target === null) return seen.join(', ')
  const manifest = await manifestOf(tools, spec, action)
  const folder = join(folderOf(tools.dataDir, spec.project, action.key), FILES)
  for (const [path, hash] of Object.entries(point.environment)) {
    const found = await hashFile(join(folder, hash)).catch(() => undefined)
    if (found?.hash !== hash)
      throw new PointError(`The kept ${path} is missing or was altered.`, 'Make a new point.')
    seen.push(path)
  }
  if (point.database === null) return seen.join(', ')
  const { keeper, restoring } = await opened(tools, spec, action, context)
  await keeper.scratch(restoring, context)
  return [databaseWords(spec, point.database, manifest), ...seen].join(', ')
}

/** No more than was seen: what commands of the project's own would make of a snapshot, only those can tell. */
function databaseWords(
  spec: ActionSpec,
  { kind, name, rows }: DatabaseSnapshot,
  { measure }: Manifest,
): string {
  if (kind === 'hook')
    return targetOf(spec)?.database?.hook?.check === undefined
      ? `${name}: the snapshot is whole; no "check" command says whether it can be restored`
      : `${name}: its check command takes the snapshot`
  const tables = Object.keys(measure?.tables ?? {}).length
  const all = Object.values(rows).reduce((sum, one) => sum + one, 0)
  return `${name}: ${tables} tables with ${all} rows, all equal`
}

async function drop(tools: PointTools, spec: ActionSpec, action: Action, context: Context): Promise<void> {
  const point = pointOf(spec, action.point)
  if (targetOf(spec) === null || point.database === null) return
  const { keeper, restoring } = await opened(tools, spec, action, context)
  await keeper.dropScratch(restoring, context.signal)
}
