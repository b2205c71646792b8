import type { Report } from '../../domain/commands.ts'
import type { EffectContext } from '../handlers.ts'
import { type AttemptView, runnerOf, scopeOf } from '../world.ts'
import { writesOf } from './workEffects.ts'

/** Keeps what an agent wrote outside what it may write; while it stands still, its files are put back, too. */
export async function workSetAside({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const { attempt } = view
  const count = attempt.strays!.count
  const stands = attempt.paused && runnerOf(world, run, view.spec).isolated
  const aside = await world.workspaces.setAside({
    ...scopeOf(run),
    attempt: view.id,
    cut: attempt.cut!.commit,
    writes: writesOf(world, view),
    count,
    restore: stands,
    time: attempt.startedAt!,
  })
  return { type: 'report.set-aside', ...at(view), count, ...aside }
}

/** Gives an agent its files back, which it may write now. */
export async function workPutBack({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const { attempt } = view
  const request = { attempt: view.id, cut: attempt.cut!.commit, count: attempt.strays!.count }
  await world.workspaces.putBack({ ...scopeOf(run), ...request })
  return { type: 'report.put-back', ...at(view) }
}

function at(view: AttemptView): { run: AttemptView['run']['id']; task: number; attempt: number } {
  return { run: view.run.id, task: view.task, attempt: view.attempt.n }
}
