import { addEdges, addGateUnits } from './gateUnits.ts'
import { EdgeSum, type GroupBy, type Part, type Scene, type Unit } from './scene.ts'
import type { TaskGraph } from './taskGraph.ts'

/** Which lanes are folded to groups, and which of those groups are open, in the order they were opened. */
export interface FoldState {
  readonly folded: ReadonlySet<number>
  readonly open: readonly string[]
}

/** Cards drawn at once; above, lanes fold to groups. */
export const MAX_CARDS = 1_500
/** Tasks of a group at most, so that any group may be opened. */
const MAX_GROUP = 500
/** More roles than this in one lane, and it folds by depth instead. */
const MAX_ROLES = 12
/** Lanes with fewer tasks than this gain nothing by folding of itself. */
const SMALL_LANE = 12

export const UNFOLDED: FoldState = { folded: new Set(), open: [] }

export interface Group {
  readonly id: string
  readonly by: GroupBy
  readonly tasks: readonly number[]
}

const groups = new WeakMap<TaskGraph, Map<number, readonly Group[]>>()

/**
 * The groups a lane folds to: one a role, else one a depth where that makes it at most half as long, else one for all;
 * cut up where they are large.
 */
export function groupsOf(graph: TaskGraph, lane: number): readonly Group[] {
  const known = groups.get(graph) ?? new Map<number, readonly Group[]>()
  groups.set(graph, known)
  const made = known.get(lane) ?? makeGroups(graph, lane)
  known.set(lane, made)
  return made
}

function makeGroups(graph: TaskGraph, lane: number): readonly Group[] {
  const { tasks } = graph.lanes[lane]!
  const roleOf = (i: number): string | null => graph.plan.tasks[i]!.role
  const roles = new Set(tasks.map(roleOf))
  const depths = new Set(tasks.map((i) => graph.depth[i]!))
  const isFewer = (count: number): boolean => count > 1 && 2 * count <= tasks.length
  if (isFewer(roles.size) && roles.size <= MAX_ROLES) {
    return [...roles].flatMap((role) =>
      cutUp(
        `${lane}/role:${role ?? ''}`,
        tasks.filter((i) => roleOf(i) === role),
        (part) => ({
          kind: 'role',
          role,
          part,
        }),
      ),
    )
  }
  if (isFewer(depths.size) && depths.size <= 2 * MAX_ROLES) {
    return [...depths]
      .sort((a, b) => a - b)
      .flatMap((depth) =>
        cutUp(
          `${lane}/depth:${depth}`,
          tasks.filter((i) => graph.depth[i] === depth),
          (part) => ({
            kind: 'depth',
            depth,
            part,
          }),
        ),
      )
  }
  return cutUp(`${lane}/all`, tasks, (part) => ({ kind: 'all', part }))
}

function cutUp(id: string, tasks: readonly number[], by: (part: Part | null) => GroupBy): readonly Group[] {
  if (tasks.length === 0) return []
  const parts = Math.ceil(tasks.length / MAX_GROUP)
  if (parts === 1) return [{ id, by: by(null), tasks }]
  const size = Math.ceil(tasks.length / parts)
  return Array.from({ length: parts }, (_, n) => {
    const of = tasks.slice(n * size, (n + 1) * size)
    return { id: `${id}/${n}`, by: by({ from: n * size + 1, to: n * size + of.length }), tasks: of }
  })
}

export function taskUnitId(task: number): string {
  return `task:${task}`
}

/** What is drawn of the graph in this state. */
export function sceneOf(graph: TaskGraph, state: FoldState): Scene {
  const units: Unit[] = []
  const unitOfTask = graph.plan.tasks.map(() => -1)
  const addTask = (lane: number, task: number): void => {
    unitOfTask[task] = units.push({ kind: 'task', id: taskUnitId(task), lane, task }) - 1
  }
  const lanes = graph.lanes.map(({ title, tasks }, lane) => {
    const folded = state.folded.has(lane)
    if (!folded) for (const task of tasks) addTask(lane, task)
    else {
      for (const group of groupsOf(graph, lane)) {
        if (state.open.includes(group.id)) for (const task of group.tasks) addTask(lane, task)
        else {
          const at = units.push({ kind: 'group', lane, ...group }) - 1
          for (const task of group.tasks) unitOfTask[task] = at
        }
      }
    }
    return { title, folded, count: tasks.length }
  })
  const gates = addGateUnits(graph.plan, units, unitOfTask)
  const sum = new EdgeSum(true)
  const ways = addEdges(graph, unitOfTask, gates, sum)
  return { lanes, units, edges: sum.edges(), unitOfTask, ways }
}

/** Everything where that is not too much, else lanes folded. */
export function initialFold(graph: TaskGraph): FoldState {
  if (graph.plan.tasks.length <= MAX_CARDS) return UNFOLDED
  const folded = (least: number): FoldState => ({
    folded: new Set(graph.lanes.flatMap(({ tasks }, lane) => (tasks.length > least ? [lane] : []))),
    open: [],
  })
  const state = folded(SMALL_LANE)
  return cardCount(graph, state) <= MAX_CARDS ? state : folded(0)
}

function cardCount(graph: TaskGraph, { folded, open }: FoldState): number {
  return graph.lanes.reduce((sum, { tasks }, lane) => {
    if (!folded.has(lane)) return sum + tasks.length
    return sum + groupsOf(graph, lane).reduce((n, g) => n + (open.includes(g.id) ? g.tasks.length : 1), 0)
  }, 0)
}

/**
 * Folds a lane, closes the groups open in a folded one, or unfolds it. Undefined when the lane alone would be too much;
 * its groups can be opened one by one.
 */
export function toggleLane(graph: TaskGraph, state: FoldState, lane: number): FoldState | undefined {
  if (!state.folded.has(lane)) {
    return { folded: new Set([...state.folded, lane]), open: withoutLane(state.open, lane) }
  }
  const open = withoutLane(state.open, lane)
  if (open.length < state.open.length) return { ...state, open }
  if (graph.lanes[lane]!.tasks.length > MAX_CARDS) return undefined
  const folded = new Set(state.folded)
  folded.delete(lane)
  return trim(graph, { folded, open }, { lane })
}

export function openGroup(graph: TaskGraph, state: FoldState, group: string): FoldState {
  return trim(graph, { ...state, open: [...state.open.filter((id) => id !== group), group] }, { group })
}

/** So that the task has a card of its own. */
export function reveal(graph: TaskGraph, state: FoldState, task: number): FoldState {
  const lane = graph.plan.tasks[task]!.phase
  if (!state.folded.has(lane)) return state
  const group = groupsOf(graph, lane).find(({ tasks }) => tasks.includes(task))
  return group === undefined || state.open.includes(group.id) ? state : openGroup(graph, state, group.id)
}

/** Folds again what was opened longest ago, but not what was just asked for, until it is not too much. */
function trim(graph: TaskGraph, state: FoldState, keep: { lane?: number; group?: string }): FoldState {
  let now = state
  while (cardCount(graph, now) > MAX_CARDS) {
    const oldest = now.open.find((id) => id !== keep.group)
    if (oldest !== undefined) {
      now = { ...now, open: now.open.filter((id) => id !== oldest) }
      continue
    }
    const largest = graph.lanes
      .map(({ tasks }, lane) => ({ lane, size: tasks.length }))
      .filter(({ lane }) => lane !== keep.lane && !now.folded.has(lane))
      .sort((a, b) => b.size - a.size)[0]
    if (largest === undefined) return now
    now = { ...now, folded: new Set([...now.folded, largest.lane]) }
  }
  return now
}

function withoutLane(open: readonly string[], lane: number): readonly string[] {
  return open.filter((id) => !id.startsWith(`${lane}/`))
}
