import { findCycle } from '../domain/graph.ts'
import { expandedIds } from './checkTasks.ts'
import type { EpicDraft, NeedDraft, TaskDraft } from './drafts.ts'
import { nearest } from './nearest.ts'
import { MOST_PROBLEMS, type Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Whether the tasks of an epic can be put in an order, and whether what they read of each other is there by then. */

/** Needs of one epic with `count` expanded on both sides. */
const MAX_NEEDS = 1_000_000
/** As many loops as are shown. */
const MOST_LOOPS = 20

interface Graph {
  readonly epic: EpicDraft
  /** Ids and expanded ids to their tasks. */
  readonly named: ReadonlyMap<string, TaskDraft>
  /** Task ids (not expanded) to the names in their needs, as written, and the one before in a sequential list. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** The same with expanded names led back to their task; what is no task is left out. */
  readonly needs: ReadonlyMap<string, readonly string[]>
}

export function checkNeeds(epic: EpicDraft, source: Source): readonly Problem[] {
  const graph = buildGraph(epic)
  const problems: Problem[] = [...checkLoops(graph, source), ...checkAmount(graph, source)]
  for (const task of epic.tasks) {
    for (const need of [...task.needs, ...task.soft]) problems.push(...checkNeed(need, task, graph, source))
    problems.push(...checkReferences(task, graph, source))
    if (problems.length > MOST_PROBLEMS) break
  }
  return problems
}

function buildGraph(epic: EpicDraft): Graph {
  const named = new Map<string, TaskDraft>()
  for (const task of epic.tasks) {
    if (task.id === undefined) continue
    for (const id of [task.id, ...expandedIds(task)]) if (!named.has(id)) named.set(id, task)
  }
  const names = new Map<string, readonly string[]>()
  for (const task of epic.tasks) {
    if (task.id === undefined || names.has(task.id)) continue
    names.set(task.id, [
      ...task.needs.map((need) => need.task),
      ...(task.previous === undefined ? [] : [task.previous]),
    ])
  }
  const needs = new Map(
    [...names].map(
      ([id, list]) => [id, [...new Set(list.flatMap((name) => named.get(name)?.id ?? []))]] as const,
    ),
  )
  return { epic, named, names, needs }
}

function checkNeed(need: NeedDraft, task: TaskDraft, graph: Graph, source: Source): readonly Problem[] {
  const other = graph.named.get(need.task)
  if (other === undefined) {
    const near = [...graph.named].filter(([, known]) => known.phase <= task.phase && known !== task)
    const word = nearest(
      need.task,
      near.map(([id]) => id),
    )
    return [source.problem(need.path, `unknown task "${need.task}" in this epic`, word)]
  }
  if (other.phase > task.phase) {
    const { name } = graph.epic.phases[other.phase]!
    const message = `the task "${need.task}" is in a later phase ("${name}"): needs are of the same or an earlier phase`
    return [source.problem(need.path, message)]
  }
  if (other === task && task.soft.includes(need)) {
    return [source.problem(need.path, `the task "${need.task}" names itself`)]
  }
  return []
}

/** Every loop once: the last edge of each is taken out before the next is looked for. */
function checkLoops(graph: Graph, source: Source): readonly Problem[] {
  const problems: Problem[] = []
  const edges = new Map(graph.needs)
  const nodes = [...edges.keys()]
  while (problems.length < MOST_LOOPS) {
    const loop = findCycle(nodes, edges)
    if (loop === undefined) break
    const [first, second] = loop as readonly [string, string]
    problems.push(loopProblem(loop, first, second, graph, source))
    edges.set(
      first,
      edges.get(first)!.filter((id) => id !== second),
    )
  }
  return problems
}

function loopProblem(
  loop: readonly string[],
  first: string,
  second: string,
  graph: Graph,
  source: Source,
): Problem {
  const task = graph.named.get(first)!
  const need = task.needs.find(({ task: name }) => graph.named.get(name)?.id === second)
  const what = loop.length === 2 ? 'this task waits for itself' : 'these tasks wait for each other'
  return source.problem(need?.path ?? [...task.path, 'id'], `${what}: ${loop.join(' → ')}`)
}

function checkAmount(graph: Graph, source: Source): readonly Problem[] {
  const size = (id: string): number => graph.named.get(id)?.count ?? 1
  let total = 0
  for (const task of graph.epic.tasks) {
    const needs = task.needs.reduce((sum, need) => {
      const other = graph.named.get(need.task)
      return sum + (other?.id === need.task ? size(need.task) : 1)
    }, 0)
    total += (task.count ?? 1) * (needs + (task.previous === undefined ? 0 : size(task.previous)))
    if (total <= MAX_NEEDS) continue
    const message = `the needs of this epic expand to more than ${MAX_NEEDS}: put a single task between the counted ones`
    return [source.problem(task.path, message)]
  }
  return []
}

const REFERENCE = /\$\{tasks\.([^}]*)\}/g
const REFERENCE_BODY = /^(.+?)\.outputs\.([A-Za-z_][A-Za-z0-9_-]*)$/

function checkReferences(task: TaskDraft, graph: Graph, source: Source): readonly Problem[] {
  const texts: (readonly [readonly (string | number)[], unknown])[] = [[['run'], task.raw.run]]
  const env = task.raw.env
  if (typeof env === 'object' && env !== null) {
    for (const [name, value] of Object.entries(env)) texts.push([['env', name], value])
  }
  return texts.flatMap(([path, text]) => {
    if (typeof text !== 'string') return []
    return [...text.matchAll(REFERENCE)].flatMap(([whole, body]) => {
      const fault = referenceFault(whole, body!, task, graph)
      return fault === undefined ? [] : [source.problem([...task.path, ...path], fault.message, fault.word)]
    })
  })
}

function referenceFault(
  whole: string,
  body: string,
  task: TaskDraft,
  graph: Graph,
): { readonly message: string; readonly word?: string | undefined } | undefined {
  const [, id] = REFERENCE_BODY.exec(body) ?? []
  if (id === undefined) return { message: `"${whole}" is not understood: write \${tasks.ID.outputs.NAME}` }
  const other = graph.named.get(id)
  if (other === undefined) {
    return { message: `"${whole}" reads from an unknown task "${id}"`, word: nearest(id, graph.named.keys()) }
  }
  if (other.count !== undefined && other.id === id) {
    return { message: `"${whole}" could mean any of ${other.count} tasks: name one, such as "${id}-1"` }
  }
  if (other.phase < task.phase || reaches(task, id, other, graph)) return undefined
  return { message: `"${whole}" reads from "${id}", which may not have run by then: add it to "needs"` }
}

/** Whether `from` needs the task that runs as `name`, directly or through others. */
function reaches(from: TaskDraft, name: string, target: TaskDraft, graph: Graph): boolean {
  const seen = new Set<string>()
  const open = [...(graph.names.get(from.id ?? '') ?? [])]
  for (let need = open.pop(); need !== undefined; need = open.pop()) {
    if (need === name || need === target.id) return true
    const id = graph.named.get(need)?.id
    if (id === undefined || seen.has(id)) continue
    seen.add(id)
    open.push(...(graph.names.get(id) ?? []))
  }
  return false
}
