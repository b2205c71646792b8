import { GATE_CHECK } from '../domain/gates/places.ts'
import { expandedIds } from './checkTasks.ts'
import { asList, asMap, asText, type EpicDraft } from './drafts.ts'
import { isPresetLine } from './gatePresets.ts'
import { ANYBODY, holdersOf } from './gates.ts'
import { nearest } from './nearest.ts'
import type { Path, Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Gates that are named and do not exist, and people whose word is asked and who are not known. */
export function checkGates(root: unknown, epics: readonly EpicDraft[], source: Source): readonly Problem[] {
  const file = asMap(root) ?? {}
  const known = [...Object.keys(asMap(file.gates) ?? {}), ...Object.keys(asMap(file.component_gates) ?? {})]
  const unknownIn = (names: unknown, path: Path): readonly Problem[] =>
    asList(names).flatMap((name, i) => {
      if (typeof name !== 'string' || known.includes(name)) return []
      const word = nearest(name, known)
      const list = known.length === 0 ? ': this project has no "gates"' : `; there are: ${known.join(', ')}`
      return [source.problem([...path, i], `unknown gate "${name}"${word === undefined ? list : ''}`, word)]
    })
  return [
    ...epics.flatMap(({ tasks }) =>
      tasks.flatMap((task) => unknownIn(task.raw.gates, [...task.path, 'gates'])),
    ),
    ...phasesOf(file).flatMap(({ phase, path }) => unknownIn(phase.gates, [...path, 'gates'])),
    ...Object.entries(asMap(file.targets) ?? {}).flatMap(([name, target]) =>
      unknownIn(asMap(target)?.gates, ['targets', name, 'gates']),
    ),
    ...checkPeople(file, source),
    ...(known.length === 0 ? [] : checkNames(epics, source)),
  ]
}

function phasesOf(file: Readonly<Record<string, unknown>>): readonly {
  readonly phase: Readonly<Record<string, unknown>>
  readonly path: Path
}[] {
  return Object.entries(asMap(file.epics) ?? {}).flatMap(([id, epic]) =>
    asList(asMap(epic)?.phases).flatMap((phase, i) => {
      const map = asMap(phase)
      return map === undefined ? [] : [{ phase: map, path: ['epics', id, 'phases', i] }]
    }),
  )
}

/** Evaluations go by a name of their own: no task may have it, in whatever case. */
function checkNames(epics: readonly EpicDraft[], source: Source): readonly Problem[] {
  return epics
    .flatMap(({ tasks }) => tasks)
    .filter((task) => expandedIds(task).some((id) => id.toLowerCase() === GATE_CHECK))
    .map((task) =>
      source.problem(
        [...task.path, 'id'],
        `"${GATE_CHECK}" is what evaluations of gates are called: choose another id`,
      ),
    )
}

function checkPeople(file: Readonly<Record<string, unknown>>, source: Source): readonly Problem[] {
  const people = Object.fromEntries(
    Object.entries(asMap(file.people) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
  const unknown = (by: unknown, path: Path): readonly Problem[] => {
    const name = asText(by)
    if (name === undefined || holdersOf(name, people) !== undefined) return []
    const word = nearest(name, [...Object.keys(people), ANYBODY])
    return [
      source.problem(
        path,
        `nobody is known as "${name}": add "people: {${name}: NAME}", or write "any"`,
        word,
      ),
    ]
  }
  return Object.entries(asMap(file.gates) ?? {}).flatMap(([gate, spec]) => {
    const path: Path = ['gates', gate]
    const conditions = asList(asMap(spec)?.conditions).flatMap((condition, i) => {
      const approval = asMap(asMap(condition)?.approval)
      if (approval === undefined) return []
      const at: Path = [...path, 'conditions', i, 'approval']
      const missing = unknown(approval.by, [...at, 'by'])
      const holders = asText(approval.by) === undefined ? null : holdersOf(approval.by as string, people)
      if (missing.length > 0 || holders == null || typeof approval.quorum !== 'number') return missing
      if (approval.quorum <= holders.length) return []
      const message = `a quorum of ${approval.quorum} cannot be met: ${String(approval.by)} is ${holders.join(', ')}`
      return [source.problem([...at, 'quorum'], message)]
    })
    return [...unknown(asMap(spec)?.may_skip, [...path, 'may_skip']), ...conditions]
  })
}

/** Lines that no tool is known for: people are asked. */
export function gateWarnings(root: unknown, source: Source): readonly Problem[] {
  const file = asMap(root) ?? {}
  const own = asMap(file.gates) ?? {}
  return Object.entries(asMap(file.component_gates) ?? {}).flatMap(([gate, lines]) => {
    if (Object.hasOwn(own, gate)) return []
    return asList(lines).flatMap((line, i) => {
      if (typeof line !== 'string' || isPresetLine(line)) return []
      const message = `no tool is known for "${line}": a person is asked; "gates: {${gate}: …}" says otherwise`
      return [source.problem(['component_gates', gate, i], message)]
    })
  })
}
