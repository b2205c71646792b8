import { assertNever } from '../assertNever.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { lostLocks } from '../locks/held.ts'
import type { AgentCommand } from './agentCommands.ts'
import { TALK_LIMITS } from './talk.ts'

type Of<T extends AgentCommand['type']> = Extract<AgentCommand, { type: T }>
type WorkReport = Of<'agent.progress' | 'agent.output' | 'agent.publish' | 'agent.checkpoint' | 'agent.check'>

/** Outputs of one attempt set through the door, all together, UTF-16 units. */
const MAX_OUTPUTS = 64 * 1024
const MAX_OUTPUT_NAMES = 200

/** What an agent says of its own work. Saying the same again changes nothing. */
export function decideWorkReport(draft: Draft, command: WorkReport): Verdict {
  const { run: id, task, attempt: n } = command
  const at = { task, attempt: n }
  const attempt = draft.run(id).tasks.get(task)!.current!
  switch (command.type) {
    case 'agent.progress': {
      const { percent, text } = command
      if (attempt.progress?.percent === percent && attempt.progress.text === text) return undefined
      draft.emitRun(id, { type: 'agent.progressed', ...at, percent, text })
      return undefined
    }
    case 'agent.output': {
      const { name, value } = command
      if (Object.hasOwn(attempt.outputs, name) && attempt.outputs[name] === value) return undefined
      const names = Object.keys(attempt.outputs)
      const size = names.reduce((sum, key) => sum + key.length + attempt.outputs[key]!.length, 0)
      if (size + name.length + value.length > MAX_OUTPUTS || names.length >= MAX_OUTPUT_NAMES)
        return reject(
          'invalid',
          `outputs are ${MAX_OUTPUTS / 1024} KiB and ${MAX_OUTPUT_NAMES} names at most; publish a file`,
        )
      draft.emitRun(id, { type: 'agent.output', ...at, name, value })
      return undefined
    }
    case 'agent.publish': {
      const { artifacts } = draft.run(id).talk
      const { artifact } = command
      const same = artifacts.some(
        (other) => other.task === task && other.path === artifact.path && other.hash === artifact.hash,
      )
      if (same) return undefined
      if (artifacts.length >= TALK_LIMITS.artifacts)
        return reject('not-now', `this run has ${TALK_LIMITS.artifacts} published artifacts already`)
      draft.emitRun(id, { type: 'agent.published', ...at, artifact })
      return undefined
    }
    case 'agent.checkpoint': {
      const lost = lostLocks(draft.state, draft.run(id), task, n)
      if (lost !== undefined) return reject('stale', lost)
      return askCheckpoint(draft, id, task, command.note)
    }
    case 'agent.check':
      if (attempt.checked.includes(command.step)) return undefined
      draft.emitRun(id, { type: 'agent.checked', ...at, step: command.step })
      return undefined
    default:
      return assertNever(command, 'unknown command')
  }
}

/** Has what the attempt under way has so far be kept. */
export function askCheckpoint(draft: Draft, id: RunId, task: number, note: string): Verdict {
  const run = draft.run(id)
  const attempt = run.tasks.get(task)!.current!
  if (run.plan.tasks[task]!.workspace === 'none')
    return reject('invalid', 'this task has no workspace to keep')
  if (attempt.effects.includes('work.checkpoint')) return undefined
  draft.emitRun(id, { type: 'work.checkpoint-asked', task, attempt: attempt.n, note })
  return undefined
}

/** The engine kept a checkpoint, or could not. */
export function checkpointed(
  draft: Draft,
  report: {
    readonly run: RunId
    readonly task: number
    readonly attempt: number
    readonly commit: string | null
    readonly error: string | null
  },
): Verdict {
  const attempt = draft.run(report.run).tasks.get(report.task)?.current
  if (attempt?.n !== report.attempt || !attempt.effects.includes('work.checkpoint'))
    return reject('stale', 'no checkpoint was being made')
  const { task, attempt: n, commit, error } = report
  draft.emitRun(report.run, { type: 'work.checkpointed', task, attempt: n, commit, error })
  return undefined
}
