import type { Run } from '../../../../main/domain/state.ts'
import { type Mark, taskStatus } from '../../../../main/domain/status.ts'
import { isAsking } from '../../state/asking.ts'

/** Something that calls for a person, most pressing first. */
export interface Call {
  readonly id: string
  readonly mark: Mark
  /** Index in the plan; null: the run as a whole. */
  readonly task: number | null
  readonly text: string
}

/** Tasks a person is asked about; also those of a run that is over but can be taken up again. */
export function askedAbout(run: Run): ReadonlySet<number> {
  const asked = run.attention.filter((item) => item.task !== null && isAsking(item))
  return new Set(asked.map(({ task }) => task as number))
}

/** Questions, then what is held up by something outside, then what is worth knowing. */
export function callsOf(run: Run): readonly Call[] {
  const asked: Call[] = []
  const told: Call[] = []
  for (const item of run.attention) {
    const { id, kind, task, text } = item
    if (isAsking(item)) asked.push({ id, mark: 'needs-you', task, text })
    else told.push({ id, mark: NOTICES[kind] ?? 'needs-you', task, text })
  }
  return [...asked, ...(run.endedAt === null ? heldUp(run) : []), ...told]
}

const NOTICES: Readonly<Partial<Record<Run['attention'][number]['kind'], Mark>>> = {
  conflict: 'conflict',
  'task-failed': 'failed',
}

function heldUp(run: Run): readonly Call[] {
  const calls: Call[] = []
  if (run.trouble !== null) {
    calls.push({ id: 'run', mark: 'needs-you', task: null, text: run.trouble.error })
  }
  for (let task = 0; task < run.tasks.length; task++) {
    if (run.tasks.get(task)!.current?.trouble == null) continue
    const { why } = taskStatus(run, task, 0)
    if (why?.kind === 'trouble') calls.push({ id: `held-${task}`, mark: 'needs-you', task, text: why.error })
  }
  return calls
}
