import type { DomainEvent, EffectType } from './events.ts'
import type { AttemptId, RunId } from './ids.ts'
import { attemptId } from './ids.ts'
import type { MergeCheck } from './merging/mergeQueue.ts'
import { usesRepo } from './plan.ts'
import type { Attempt, Run, State } from './state.ts'

/**
 * Effects: what the engine has to bring about outside. An event opens them, so they are on disk before they start;
 * an event closes them, so they are on disk after they end. What is open is part of the state: after a crash it is
 * looked up outside and adopted, finished or tried again.
 *
 * `agent.clean` and `run.release` are never recorded: they remove what the state says is over, and what is left to
 * remove can always be seen by listing.
 */
export interface Effect {
  readonly type: EffectType
  readonly run: RunId
  /** Index in the plan; null for effects of a whole run. */
  readonly task: number | null
  readonly attempt: number | null
  /** The number of an evaluation of a gate, of `gate.evaluate`: several of a run may be under way. */
  readonly gate?: number
}

export function effectAttemptId(state: State, effect: Effect): AttemptId {
  const run = state.runs.get(effect.run)!
  return attemptId(effect.run, run.plan.tasks[effect.task!]!.id, effect.attempt!)
}

/** Effects an attempt has open after `event`; unchanged for events that have no say in it. */
export function attemptEffects(
  attempt: Attempt,
  needsRepo: boolean,
  event: DomainEvent,
  /** Committed work waits to be checked before it is merged. */
  queues = false,
  /** Committed work waits for gates before anything else. */
  gated = false,
): readonly EffectType[] {
  const open = attempt.effects
  switch (event.type) {
    case 'agent.blocked':
      return []
    case 'task.assigned':
    case 'agent.unblocked':
      return [needsRepo ? 'workspace.cut' : 'agent.start']
    case 'workspace.cut':
      return [...without(open, 'workspace.cut'), 'agent.start']
    case 'agent.started':
      return without(open, 'agent.start')
    case 'agent.stopping':
    case 'agent.timed-out':
      return open.includes('agent.stop') ? open : [...open, 'agent.stop']
    case 'agent.pausing':
      return [...without(open, 'agent.resume'), 'agent.pause']
    case 'agent.resuming':
      return [...without(open, 'agent.pause'), 'agent.resume']
    case 'handoff.initiated':
      return open.includes('handoff.validate') ? open : [...open, 'handoff.validate']
    case 'handoff.validated':
      return without(open, 'handoff.validate')
    case 'work.checkpoint-asked':
      return open.includes('work.checkpoint') ? open : [...open, 'work.checkpoint']
    case 'work.checkpointed':
      return without(open, 'work.checkpoint')
    case 'stray.seen':
      return open.includes('work.set-aside') ? open : [...open, 'work.set-aside']
    case 'stray.set-aside':
      return without(open, 'work.set-aside')
    case 'stray.returning':
      return [...open, 'work.put-back']
    case 'stray.closed':
      return without(open, 'work.put-back')
    case 'agent.exited':
      return needsRepo ? ['work.commit'] : []
    case 'work.committed':
      return event.commit === null || queues || gated ? [] : ['work.merge']
    case 'work.cleared':
      return attempt.commit === null || queues ? [] : ['work.merge']
    case 'work.merged':
    case 'work.conflicted':
      return []
    case 'effect.done':
      return without(open, event.effect)
    default:
      return open
  }
}

/** Effects a run has open after `event`. */
export function runEffects(run: Run, event: DomainEvent): readonly EffectType[] {
  switch (event.type) {
    case 'run.prepared':
      return without(run.effects, 'run.prepare')
    case 'run.settled':
      return without(run.effects, 'run.prepare')
    case 'run.reopened':
      return run.tip === null && usesRepo(run.plan) ? [...run.effects, 'run.prepare'] : run.effects
    case 'effect.done':
      return without(run.effects, event.effect)
    case 'run.apply-requested':
      return [...run.effects, 'run.apply']
    case 'run.applied':
    case 'run.apply-refused':
      return without(run.effects, 'run.apply')
    case 'run.discard-requested':
      return [...run.effects, 'run.discard']
    case 'run.discarded':
      return without(run.effects, 'run.discard')
    default:
      return run.effects
  }
}

/** A run's effects as its merge queue calls for them: the check under way, or the move it led to. */
export function queueEffects(
  effects: readonly EffectType[],
  check: MergeCheck | null | undefined,
): readonly EffectType[] {
  const others = effects.filter((type) => type !== 'merge.check' && type !== 'merge.advance')
  if (check == null) return others
  return [...others, check.move === null ? 'merge.check' : 'merge.advance']
}

/** Every open effect, oldest run first: what recovery has to look after. */
export function openEffects(state: State): readonly Effect[] {
  const all: Effect[] = []
  for (const run of state.runs.values()) {
    for (const type of run.effects) all.push({ type, run: run.id, task: null, attempt: null })
    for (const { state, number } of run.gates?.records ?? [])
      if (state === 'evaluating')
        all.push({ type: 'gate.evaluate', run: run.id, task: null, attempt: null, gate: number })
    let task = 0
    for (const record of run.tasks) {
      const attempt = record.current
      if (attempt !== null) {
        for (const type of attempt.effects) all.push({ type, run: run.id, task, attempt: attempt.n })
      }
      task++
    }
  }
  return all
}

function without(effects: readonly EffectType[], type: EffectType): readonly EffectType[] {
  return effects.includes(type) ? effects.filter((other) => other !== type) : effects
}
