import type { Report } from '../../domain/commands.ts'
import { lostReport } from '../exitReport.ts'
import type { EffectContext } from '../handlers.ts'
import { runnerOf } from '../world.ts'

/**
 * Stops an agent; that it is over is reported by whoever watches it. Where there is only a container that never
 * started (made late, in the place of one that is gone) there is no end to watch for.
 */
export async function agentStop({ world, effect, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const graceMs = view.attempt.stopping?.force === true ? 0 : view.run.plan.limits.stopGraceMs
  const runner = runnerOf(world, view.run, view.spec)
  await runner.stop(view.id, graceMs)
  const found = await runner.find(view.id)
  if (found?.status === 'created') return lostReport(view)
  return done(effect.type, view)
}

export async function agentPause({ world, effect, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  await runnerOf(world, view.run, view.spec).pause(view.id)
  return done(effect.type, view)
}

export async function agentResume({ world, effect, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  await runnerOf(world, view.run, view.spec).resume(view.id)
  return done(effect.type, view)
}

function done(effect: EffectContext['effect']['type'], view: NonNullable<EffectContext['view']>): Report {
  return { type: 'report.effect-done', effect, run: view.run.id, task: view.task, attempt: view.attempt.n }
}
