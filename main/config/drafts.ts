import type { PhaseMode } from '../domain/project.ts'
import { PHASE_MODES } from '../domain/project.ts'
import type { Path } from './problems.ts'

/**
 * What a project file seems to say, read without trust: the checks that span tasks run on this, so that they
 * report their problems together with those of the shape. Whatever has the wrong type is left out here.
 */

export interface NeedDraft {
  readonly task: string
  readonly path: Path
}

export interface TaskDraft {
  /** Undefined where it is missing or not text. */
  readonly id: string | undefined
  readonly path: Path
  readonly phase: number
  readonly agent: string | undefined
  /** Where `agent` has the wrong type, the shape check has said so. */
  readonly hasAgent: boolean
  readonly skills: readonly string[]
  readonly hasSkills: boolean
  readonly needs: readonly NeedDraft[]
  readonly soft: readonly NeedDraft[]
  /** The task before it in a sequential list. */
  readonly previous: string | undefined
  /** Undefined without `count`. */
  readonly count: number | undefined
  readonly raw: Readonly<Record<string, unknown>>
}

export interface PhaseDraft {
  readonly name: string
  readonly path: Path
  /** Which of `parallel`, `sequential`, `tasks` it has; one is right. */
  readonly modes: readonly PhaseMode[]
}

export interface EpicDraft {
  readonly id: string
  readonly path: Path
  readonly phases: readonly PhaseDraft[]
  readonly tasks: readonly TaskDraft[]
}

type Raw = Readonly<Record<string, unknown>>

export function asMap(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function asTexts(value: unknown): readonly string[] {
  return asList(value).filter((item) => typeof item === 'string')
}

export function draftEpics(root: unknown): readonly EpicDraft[] {
  return Object.entries(asMap(asMap(root)?.epics) ?? {}).map(([id, epic]) => draftEpic(id, epic))
}

function draftEpic(id: string, epic: unknown): EpicDraft {
  const path: Path = ['epics', id]
  const raws = asList(asMap(epic)?.phases)
  const phases = raws.map((phase, i): PhaseDraft => {
    const raw = asMap(phase) ?? {}
    const modes = PHASE_MODES.filter((mode) => Object.hasOwn(raw, mode))
    return { name: asText(raw.name) ?? `${i + 1}`, path: [...path, 'phases', i], modes }
  })
  const tasks = phases.flatMap((phase, i) =>
    phase.modes.flatMap((mode) => draftTasks(phase, i, mode, raws[i])),
  )
  return { id, path, phases, tasks }
}

function draftTasks(phase: PhaseDraft, index: number, mode: PhaseMode, raw: unknown): readonly TaskDraft[] {
  let previous: string | undefined
  const tasks: TaskDraft[] = []
  for (const [i, item] of asList(asMap(raw)?.[mode]).entries()) {
    const task = asMap(item)
    if (task === undefined) continue
    const draft = draftTask(
      task,
      [...phase.path, mode, i],
      index,
      mode === 'sequential' ? previous : undefined,
    )
    tasks.push(draft)
    previous = draft.id
  }
  return tasks
}

export function draftTask(raw: Raw, path: Path, phase: number, previous: string | undefined): TaskDraft {
  return {
    id: asText(raw.id),
    path,
    phase,
    agent: asText(raw.agent),
    hasAgent: Object.hasOwn(raw, 'agent'),
    skills: asTexts(raw.skills),
    hasSkills: Object.hasOwn(raw, 'skills') && !(Array.isArray(raw.skills) && raw.skills.length === 0),
    needs: draftNeeds(raw.needs, [...path, 'needs']),
    soft: draftNeeds(raw.needs_soft, [...path, 'needs_soft']),
    previous,
    count:
      typeof raw.count === 'number' && raw.count >= 1 ? Math.min(1000, Math.floor(raw.count)) : undefined,
    raw,
  }
}

function draftNeeds(value: unknown, path: Path): readonly NeedDraft[] {
  return asList(value).flatMap((item, i): readonly NeedDraft[] => {
    if (typeof item === 'string') return [{ task: item, path: [...path, i] }]
    const task = asText(asMap(item)?.task)
    return task === undefined ? [] : [{ task, path: [...path, i, 'task'] }]
  })
}
