import { NAME_PATTERN } from '../domain/ids.ts'
import type { Role } from '../domain/project.ts'
import { isReserved } from '../domain/talk/address.ts'
import type { EpicDraft, TaskDraft } from './drafts.ts'
import { nearest } from './nearest.ts'
import { MOST_PROBLEMS, type Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** What is wrong with tasks one by one, given the roles: who does them, what they are called. */

export interface Findings {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Tasks of one epic with `count` expanded, and the needs between them. */
const MAX_TASKS = 10_000

export function checkTasks(epic: EpicDraft, roles: readonly Role[], source: Source): Findings {
  const problems: Problem[] = [...checkPhases(epic, source), ...checkIds(epic, source)]
  const warnings: Problem[] = []
  if (roles.length === 0 && epic.tasks.length > 0) {
    const message = 'this project has no agents: add "agents:" or "extends: amphitheatre-devops"'
    return { problems: [...problems, source.problemAtKey(['epics'], message)], warnings }
  }
  for (const task of epic.tasks) {
    problems.push(...checkAgent(task, roles, source), ...checkWorkspace(task, source))
    warnings.push(...skillWarnings(task, roles, source))
    if (problems.length > MOST_PROBLEMS) break
  }
  return { problems, warnings }
}

function checkPhases(epic: EpicDraft, source: Source): readonly Problem[] {
  return epic.phases.flatMap((phase) => {
    if (phase.modes.length === 1) return []
    const given = phase.modes.length === 0 ? 'none' : phase.modes.join(' and ')
    const message = `a phase has exactly one of parallel, sequential, tasks; this one has ${given}`
    return [source.problem(phase.path, message)]
  })
}

/** The names a task runs under: its id, or with `count` one for each. */
export function expandedIds(task: TaskDraft): readonly string[] {
  if (task.id === undefined) return []
  return task.count === undefined
    ? [task.id]
    : Array.from({ length: task.count }, (_, i) => `${task.id}-${i + 1}`)
}

function checkIds(epic: EpicDraft, source: Source): readonly Problem[] {
  const problems: Problem[] = []
  const seen = new Map<string, { readonly id: string; readonly task: TaskDraft }>()
  let total = 0
  for (const task of epic.tasks) {
    const ids = expandedIds(task)
    total += ids.length
    if (total > MAX_TASKS) {
      return [
        ...problems,
        source.problem(task.path, `this epic has more than ${MAX_TASKS} tasks: lower "count"`),
      ]
    }
    const names = task.count === undefined ? ids : [...ids, task.id!]
    const reserved = names.find(isReserved)
    if (reserved !== undefined) {
      const message = `"${reserved}" is whom messages of that address go to: choose another id`
      problems.push(source.problem([...task.path, 'id'], message))
    }
    const clash = names.find((id) => seen.has(id.toLowerCase()))
    if (clash !== undefined) {
      problems.push(clashProblem(clash, task, seen.get(clash.toLowerCase())!, source))
    } else if (task.count !== undefined && NAME_PATTERN.test(task.id!) && !NAME_PATTERN.test(ids.at(-1)!)) {
      problems.push(
        source.problem([...task.path, 'id'], `"${ids.at(-1)}" is too long for a name: shorten the id`),
      )
    }
    for (const id of names) if (!seen.has(id.toLowerCase())) seen.set(id.toLowerCase(), { id, task })
  }
  return problems
}

function clashProblem(
  id: string,
  task: TaskDraft,
  first: { readonly id: string; readonly task: TaskDraft },
  source: Source,
): Problem {
  const { line } = source.problem([...first.task.path, 'id'], '')
  const what =
    first.id === id ? 'is used twice in this epic' : `differs from "${first.id}" only in letter case`
  const via = id === task.id ? '' : ` (by the "count" of "${task.id}")`
  return source.problem([...task.path, 'id'], `the task id "${id}"${via} ${what}; first in line ${line}`)
}

function checkAgent(task: TaskDraft, roles: readonly Role[], source: Source): readonly Problem[] {
  const names = roles.map((role) => role.name)
  const shown = names.slice(0, 6).join(', ') + (names.length > 6 ? ', …' : '')
  const name = task.id === undefined ? 'this task' : `the task "${task.id}"`
  if (!task.hasAgent && !task.hasSkills) {
    return [
      source.problem(task.path, `${name} names neither "agent" nor "skills": add one; agents are ${shown}`),
    ]
  }
  const problems: Problem[] = []
  if (task.agent !== undefined && !(names as readonly string[]).includes(task.agent)) {
    const word = nearest(task.agent, names)
    const list = word === undefined ? `; there are: ${shown}` : ''
    problems.push(source.problem([...task.path, 'agent'], `unknown agent "${task.agent}"${list}`, word))
  }
  const skills = new Set(roles.flatMap((role) => role.skills))
  task.skills.forEach((skill) => {
    if (skills.has(skill)) return
    const at = [...task.path, 'skills', (task.raw.skills as unknown[]).indexOf(skill)]
    problems.push(source.problem(at, `no agent has the skill "${skill}"`, nearest(skill, skills)))
  })
  return problems
}

function checkWorkspace(task: TaskDraft, source: Source): readonly Problem[] {
  if (task.raw.workspace !== 'none') return []
  return (['reads', 'writes'] as const)
    .filter((key) => Array.isArray(task.raw[key]) && task.raw[key].length > 0)
    .map((key) => source.problemAtKey([...task.path, key], `"${key}" has no meaning with "workspace: none"`))
}

function skillWarnings(task: TaskDraft, roles: readonly Role[], source: Source): readonly Problem[] {
  const at = [...task.path, 'skills']
  if (task.skills.length === 0) return []
  const hasAll = (role: Role): boolean => task.skills.every((skill) => role.skills.includes(skill))
  if (!task.hasAgent) {
    return roles.some(hasAll)
      ? []
      : [source.problem(at, 'no agent has all of these skills: it goes to one with most of them')]
  }
  const role = roles.find(({ name }) => name === task.agent)
  if (role === undefined || hasAll(role)) return []
  const missing = task.skills.filter((skill) => !role.skills.includes(skill))
  return [source.problem(at, `the agent "${role.name}" does not have: ${missing.join(', ')}`)]
}
