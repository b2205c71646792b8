import { assertNever } from '../../domain/assertNever.ts'
import type { Report } from '../../domain/commands.ts'
import type { EffectContext } from '../handlers.ts'
import { scopeOf } from '../world.ts'

export async function runPrepare({ world, run }: EffectContext): Promise<Report> {
  const prepared = await world.workspaces.prepareRun(scopeOf(run))
  const caveats = world.runners.get(run.runner)?.caveats?.(run.plan) ?? []
  const warnings = [...caveats, ...prepared.warnings]
  return { type: 'report.prepared', run: run.id, ...prepared, warnings }
}

export async function runApply({ world, run }: EffectContext): Promise<Report> {
  const result = await world.workspaces.apply(scopeOf(run))
  switch (result.status) {
    case 'applied':
    case 'already':
      return {
        type: 'report.applied',
        run: run.id,
        branch: result.branch,
        commit: result.commit,
        before: result.before ?? null,
      }
    case 'refused':
      return { type: 'report.apply-refused', run: run.id, reason: result.reason, remedy: result.remedy }
    default:
      return assertNever(result, 'unknown result')
  }
}

export async function runDiscard({ world, run }: EffectContext): Promise<Report> {
  await world.workspaces.discard(scopeOf(run))
  return { type: 'report.discarded', run: run.id }
}
