import { dirname, resolve } from 'node:path'
import { asMap } from './drafts.ts'
import { describeKinds, type FileKind, identifyValue, schemaFor } from './identify.ts'
import { check } from './issues.ts'
import { nearest } from './nearest.ts'
import { type Problem, sortProblems } from './problems.ts'
import { type LoadOptions, loadProjectText } from './project.ts'
import { readText } from './read.ts'
import { collectAgents } from './roles.ts'
import { BLOCK_NAMES } from './schema/blocks.ts'
import { ProjectInput } from './schema/project.ts'
import { parseYaml, type Source } from './yaml.ts'

/** Validation of any file the program reads: told by its content, not its name. */

export { FILE_KINDS, type FileKind, identify } from './identify.ts'

export interface FileReport {
  readonly file: string
  /** Null when the content is nothing that is known, or cannot be parsed. */
  readonly kind: FileKind | null
  /** One line for people: `a project: 1 epic, 5 tasks, 6 agents`. Empty when there are problems. */
  readonly summary: string
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export function validateFiles(files: readonly string[], options: LoadOptions): readonly FileReport[] {
  return files.map((file) => {
    const read = readText(file)
    if (!read.ok) return report(file, null, [read.problem])
    const root = options.root ?? dirname(resolve(read.file))
    return validateText(read.text, { ...options, root, file: read.file })
  })
}

/** The same for a text; `file` is what problems call it. */
export function validateText(text: string, options: LoadOptions & { readonly file: string }): FileReport {
  const parsed = parseYaml(text, options.file)
  if (!parsed.ok) return report(options.file, null, parsed.problems)
  const { source, problems } = parsed
  const kind = identifyValue(source.root)
  if (kind === undefined) return report(options.file, null, [...problems, unknownContent(source)])
  if (kind === 'project') return validateProject(text, options)
  const found = check(schemaFor(kind, source.root), source.root, source)
  if (kind !== 'agents' && kind !== 'registry')
    return report(options.file, kind, [...problems, ...found.problems])
  return validateAgents(kind, source, [...problems, ...found.problems])
}

function validateProject(text: string, options: LoadOptions & { readonly file: string }): FileReport {
  const result = loadProjectText(text, options)
  if (!result.ok) return report(options.file, 'project', result.problems)
  const { epics, roles } = result.project
  const tasks = epics.reduce((sum, epic) => sum + epic.tasks.length, 0)
  const summary = `a project: ${amount(epics.length, 'epic')}, ${amount(tasks, 'task')}, ${amount(roles.length, 'agent')}`
  return { ...report(options.file, 'project', [], summary), warnings: result.warnings }
}

/** A tier of a registry names roles of other tiers, so an unknown name is only worth a warning there. */
function validateAgents(kind: FileKind, source: Source, found: readonly Problem[]): FileReport {
  const wrapped = kind === 'agents' && !Array.isArray(source.root)
  const agents = wrapped ? asMap(source.root)?.agents : source.root
  const registry = collectAgents(agents, source, wrapped ? ['agents'] : [])
  const strangers = registry.problems.filter(({ message }) => message.startsWith('unknown agent'))
  const problems = [...found, ...registry.problems.filter((problem) => !strangers.includes(problem))]
  const summary = `${kind === 'agents' ? 'a list of agents' : 'a registry of agents'}: ${amount(registry.roles.length, 'role')}`
  return { ...report(source.file, kind, problems, summary), warnings: sortProblems(strangers) }
}

function unknownContent(source: Source): Problem {
  const keys = Object.keys(asMap(source.root) ?? {})
  const known = [...Object.keys(ProjectInput.shape), ...BLOCK_NAMES]
  for (const key of keys) {
    const word = nearest(key, known)
    if (word !== undefined) return source.problemAtKey([key], `unknown key "${key}"`, word)
  }
  return source.problem([], `it is not clear what this file is. It could be ${describeKinds()}`)
}

function report(
  file: string,
  kind: FileKind | null,
  problems: readonly Problem[],
  summary = kind === null ? '' : describe(kind),
): FileReport {
  return {
    file,
    kind,
    summary: problems.length === 0 ? summary : '',
    problems: sortProblems(problems),
    warnings: [],
  }
}

function describe(kind: FileKind): string {
  return kind.replaceAll('_', ' ')
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
