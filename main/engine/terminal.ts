import { isEvaluating } from '../domain/gates/places.ts'
import { type AttemptId, type ProjectId, parseAttemptId } from '../domain/ids.ts'
import { planIndex } from '../domain/plan.ts'
import { hasNoProcess, type State } from '../domain/state.ts'
import { isCheck, isChecking, isGateCheck } from './cleaner.ts'
import type { TerminalChunk, TerminalRequest } from './controlCenter.ts'
import type { AgentFiles } from './ports/agentFiles.ts'

const CHUNK_BYTES = 256 * 1024

/** Output of an attempt from disk; with `follow`, what comes as it comes, until the attempt is over. */
export async function* readTerminal(
  files: AgentFiles,
  project: ProjectId,
  state: () => State,
  request: TerminalRequest,
  signal: AbortSignal,
): AsyncGenerator<TerminalChunk> {
  let position = request.from
  if (position < 0) position = Math.max(0, (await files.output(project, request.attempt).size()) + position)
  while (!signal.aborted) {
    // Looked at before reading: what is written between the two is read in the next round.
    const over = !isUnderWay(state(), request.attempt)
    const file = files.output(project, request.attempt)
    const { offset, data } = await file.read(position, CHUNK_BYTES)
    if (data.length > 0) {
      yield { offset, data }
      position = offset + data.length
      continue
    }
    if (over || !request.follow) return
    await changedOrOver(file, position, signal)
  }
}

/** Output stops coming when the log is closed, shortly before the attempt's end is on record. */
async function changedOrOver(
  file: ReturnType<AgentFiles['output']>,
  position: number,
  signal: AbortSignal,
): Promise<void> {
  const round = AbortSignal.any([signal, AbortSignal.timeout(500)])
  await file.changed(position, round)
}

function isUnderWay(state: State, attempt: AttemptId): boolean {
  const parts = parseAttemptId(attempt)
  const run = parts === undefined ? undefined : state.runs.get(parts.run)
  if (run === undefined || parts === undefined) return false
  if (isGateCheck(run, parts.task)) return isEvaluating(run, parts.attempt)
  if (isCheck(run, parts.task)) return isChecking(run, parts.attempt)
  const index = planIndex(run.plan).byId.get(parts.task)
  const current = index === undefined ? null : run.tasks.get(index)!.current
  return current?.n === parts.attempt && !hasNoProcess(current)
}
