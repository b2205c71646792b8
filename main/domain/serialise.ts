import { type Heap, type HeapEntry, heapEntries, pushHeap } from './heap.ts'
import type { ProjectId, RunId } from './ids.ts'
import type { ProjectRecord, Run, State, TaskRecord } from './state.ts'
import { Vec } from './vec.ts'

/**
 * Raised with every change to what ProjectRecord, Run, TaskRecord or Attempt hold: a key frame of another shape is passed over and
 * the log folded instead. `run.recalled` holds a RunJson, so its version in EVENT_VERSIONS is raised along, with an
 * upcast.
 */
export const STATE_SHAPE = 10

/** Live state as JSON, for key frames, the renderer's first snapshot and reopened runs. */
export interface StateJson {
  readonly shape: number
  readonly seq: number
  readonly time: number
  readonly projects: readonly ProjectRecord[]
  readonly runs: readonly RunJson[]
}

export type RunJson = Omit<Run, 'tasks' | 'ready'> & {
  readonly tasks: readonly TaskRecord[]
  readonly ready: readonly (readonly HeapEntry[])[]
}

export function runToJson(run: Run): RunJson {
  return { ...run, tasks: [...run.tasks], ready: run.ready.map(sortedEntries) }
}

export function runFromJson(json: RunJson): Run {
  const ready = json.ready.map((entries) => entries.reduce<Heap>(pushHeap, null))
  return { ...json, tasks: Vec.from(json.tasks), ready }
}

export function stateToJson(state: State): StateJson {
  return {
    shape: STATE_SHAPE,
    seq: state.seq,
    time: state.time,
    projects: [...state.projects.values()],
    runs: [...state.runs.values()].map(runToJson),
  }
}

export function stateFromJson(json: StateJson): State {
  return {
    seq: json.seq,
    time: json.time,
    projects: new Map<ProjectId, ProjectRecord>(json.projects.map((p) => [p.id, p])),
    runs: new Map<RunId, Run>(json.runs.map((r) => [r.id, runFromJson(r)])),
  }
}

/** A heap's shape depends on its history, its sorted entries do not: equal states give equal JSON. */
function sortedEntries(heap: Heap): readonly HeapEntry[] {
  return [...heapEntries(heap)].sort((a, b) => a.priority - b.priority || a.order - b.order)
}
