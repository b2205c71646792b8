import type { Report } from '../../domain/commands.ts'
import { communicationOf } from '../../domain/plan.ts'
import type { Run } from '../../domain/state.ts'
import { AUTOMATED_CHECKS, type HandoffCheck } from '../../domain/talk/handoff.ts'
import { mandatoryChecks } from '../../domain/talk/handoffChecks.ts'
import type { EffectContext } from '../handlers.ts'
import { type AttemptView, runnerOf, scopeOf, type World } from '../world.ts'
import { writesOf } from './workEffects.ts'

/** Characters of a check's output that are kept, from its end. */
const KEPT_OUTPUT = 2_000

/**
 * Checks a hand-off where its giver works: the mandatory ones on what the document says and the files it names, the
 * automated ones by the commands of the project file. Checking twice does no harm.
 */
export async function handoffValidate({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const handoff = run.talk.handoffs.find(({ from, state }) => from === view.task && state === 'initiated')
  const at = { run: run.id, task: view.task, attempt: view.attempt.n }
  if (handoff === undefined) return { type: 'report.effect-done', effect: 'handoff.validate', ...at }
  const missing = await missingArtifacts(world, view, handoff.document.artifacts)
  const checks = [...mandatoryChecks(run, handoff, missing), ...(await automatedChecks(world, view))]
  return { type: 'report.validated', ...at, handoff: handoff.id, checks }
}

/** Paths of the named artifacts that are neither in the workspace nor in the store. */
async function missingArtifacts(
  world: World,
  view: AttemptView,
  artifacts: readonly { readonly path: string; readonly hash: string | null }[],
): Promise<readonly string[]> {
  const published = new Set(view.run.talk.artifacts.map(({ hash }) => hash))
  const byHash = artifacts.filter(({ hash }) => hash !== null)
  const lost = byHash.filter(({ hash }) => !published.has(hash)).map(({ path }) => path)
  const inWorkspace = artifacts.filter(({ hash }) => hash === null).map(({ path }) => path)
  if (inWorkspace.length === 0) return lost
  if (view.attempt.cut === null) return [...lost, ...inWorkspace]
  return [...lost, ...(await world.workspaces.missing(scopeOf(view.run), view.id, inWorkspace))]
}

async function automatedChecks(world: World, view: AttemptView): Promise<readonly HandoffCheck[]> {
  const { checks, checkTimeoutMs } = communicationOf(view.run.plan)
  const results: HandoffCheck[] = []
  for (const name of AUTOMATED_CHECKS) {
    const command = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (command === undefined) {
      results.push({ name, result: 'unset', detail: 'the project file gives no command for it' })
      continue
    }
    const stopped = new AbortController()
    const off = stopWith(world, view, stopped)
    try {
      const { code, output } = await runnerOf(world, view.run, view.spec).exec(
        view.id,
        command,
        checkTimeoutMs,
        stopped.signal,
      )
      const detail = output.length > KEPT_OUTPUT ? `…${output.slice(-KEPT_OUTPUT)}` : output
      const result = code === 0 ? 'passed' : 'failed'
      results.push({
        name,
        result,
        detail: result === 'failed' && detail === '' ? `ended with ${code}` : detail,
      })
    } finally {
      off()
    }
  }
  return results
}

/** A check does not keep an agent that is to be stopped: it is broken off, and what it was about is over. */
function stopWith(world: World, view: AttemptView, stopped: AbortController): () => void {
  const look = (run: Run | undefined): void => {
    const current = run?.tasks.get(view.task)?.current
    if (current?.n !== view.attempt.n || current.stopping !== null) stopped.abort()
  }
  look(world.engine.state.runs.get(view.run.id))
  return world.engine.onPublish((_, state) => look(state.runs.get(view.run.id)))
}

/** Keeps what the agent has done so far, as a commit that nobody builds on; its last one replaces the one before. */
export async function workCheckpoint({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const { spec, attempt } = view
  const at = { run: run.id, task: view.task, attempt: attempt.n }
  if (attempt.cut === null)
    return { type: 'report.checkpointed', ...at, commit: null, error: 'it has no workspace' }
  const commit = await world.workspaces.checkpoint({
    ...scopeOf(run),
    attempt: view.id,
    task: spec.id,
    role: attempt.role,
    cut: attempt.cut.commit,
    writes: writesOf(world, view),
    count: (attempt.checkpoint?.count ?? 0) + 1,
    time: world.engine.state.time,
  })
  return { type: 'report.checkpointed', ...at, commit, error: null }
}
