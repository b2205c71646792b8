import { basename, dirname, resolve } from 'node:path'
import { NAME_PATTERN } from '../domain/ids.ts'
import { DEFAULT_LIMITS, type ImageSpec, type Limits, type Project, type Role } from '../domain/project.ts'
import { checkBlocks } from './checkBlocks.ts'
import { checkGates, gateWarnings } from './checkGates.ts'
import { checkMerge } from './checkMerge.ts'
import { checkNeeds } from './checkNeeds.ts'
import { checkPaths } from './checkPaths.ts'
import { checkPlaybooks } from './checkPlaybooks.ts'
import { checkTargets } from './checkTargets.ts'
import { checkTasks } from './checkTasks.ts'
import { communicationOf } from './communication.ts'
import { conflictPolicies } from './conflictPolicies.ts'
import { asMap, draftEpics } from './drafts.ts'
import { type Environment, LIMIT_NAMES, type Overrides, readOverrides } from './environment.ts'
import { buildEnv, buildEpic } from './epics.ts'
import { gatesOf } from './gates.ts'
import { healthOf, stuckAfterOf } from './health.ts'
import { incidentPolicy } from './incidents.ts'
import { check } from './issues.ts'
import { lockPolicies } from './lockPolicies.ts'
import { mergePolicyOf } from './mergePolicy.ts'
import { checkPorts, parsePortRange } from './ports.ts'
import { predictionOf } from './prediction.ts'
import { presetPlaybooks } from './presets.ts'
import { formatProblem, type Problem, sortProblems } from './problems.ts'
import { readText } from './read.ts'
import { collectRoles } from './roles.ts'
import { rulesOf, ruleWarnings } from './rules.ts'
import { buildSchedules, checkSchedules, draftSchedules } from './schedules.ts'
import { BLOCK_NAMES } from './schema/blocks.ts'
import { type ProjectFile, ProjectInput } from './schema/project.ts'
import { buildSession, checkSessions } from './sessions.ts'
import { buildTarget } from './targets.ts'
import { parseYaml, type Source } from './yaml.ts'

/** YAML in, typed project out. Bad input is a value, never an exception, and everything wrong is told at once. */

export interface LoadOptions {
  /** Overrides limits, runner and image; `process.env` in the program. */
  readonly env: Environment
  /**
   * The repository root. Paths are looked up on the disk below it. By default the folder of the file; for a text
   * without it nothing is looked up.
   */
  readonly root?: string
}

export type LoadResult =
  | { readonly ok: true; readonly project: Project; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Where an image comes from unless the project says otherwise. */
export const DEFAULT_IMAGE: ImageSpec = { ref: 'amphitheatre/agent' }

/** Loads a project file, or the one in a folder. */
export function loadProject(path: string, options: LoadOptions): LoadResult {
  const read = readText(path)
  if (!read.ok) return { ok: false, problems: [read.problem] }
  return loadProjectText(read.text, { root: dirname(resolve(read.file)), ...options, file: read.file })
}

/** Loads a project from text; `file` is what problems call it. */
export function loadProjectText(text: string, options: LoadOptions & { readonly file?: string }): LoadResult {
  const file = options.file ?? 'amphitheatre.yaml'
  const parsed = parseYaml(text, file)
  if (!parsed.ok) return { ok: false, problems: sortProblems(parsed.problems) }
  const { source } = parsed
  if (asMap(source.root) === undefined) {
    const what = source.root === null ? 'the file is empty' : 'the file is not a map of keys and values'
    return {
      ok: false,
      problems: [source.problem([], `${what}: "amphi init" writes a project file to start from`)],
    }
  }
  return assemble(source, parsed.problems, options)
}

function assemble(source: Source, found: readonly Problem[], options: LoadOptions): LoadResult {
  const shape = check(ProjectInput, source.root, source)
  const overrides = readOverrides(options.env)
  const registry = collectRoles(source.root, source)
  const epics = [...draftEpics(source.root), ...draftSchedules(source.root)]
  const tasks = epics.map((epic) => checkTasks(epic, registry.roles, source))
  const problems = [
    ...found,
    ...shape.problems,
    ...overrides.problems,
    ...registry.problems,
    ...tasks.flatMap((findings) => findings.problems),
    ...epics.flatMap((epic) => checkNeeds(epic, source)),
    ...checkPorts(source.root, epics, source),
    ...checkMerge(source.root, epics, source),
    ...checkTargets(source.root, epics, source),
    ...checkGates(source.root, epics, source),
    ...checkPlaybooks(source.root, registry.roles, source),
    ...checkBlocks(source.root, registry.roles, source),
    ...checkSessions(source),
    ...checkSchedules(source.root, source),
    ...(options.root === undefined ? [] : checkPaths(source.root, epics, source, options.root)),
  ]
  if (!shape.ok || problems.length > 0) return { ok: false, problems: sortProblems(problems) }
  const project = build(shape.data, registry.roles, overrides, source, options.root)
  return {
    ok: true,
    project,
    warnings: sortProblems([
      ...tasks.flatMap((findings) => findings.warnings),
      ...ruleWarnings(source.root, source),
      ...gateWarnings(source.root, source),
    ]),
  }
}

function build(
  input: ProjectFile,
  roles: readonly Role[],
  overrides: Overrides,
  source: Source,
  root: string | undefined,
): Project {
  const raw = source.root as Readonly<Record<string, unknown>>
  const policies = lockPolicies(input)
  const envOf = (env: Parameters<typeof buildEnv>[0], path: Parameters<typeof buildEnv>[1]) =>
    buildEnv(env, path, source)
  const targets = Object.entries(input.targets ?? {}).map(([name, target]) =>
    buildTarget(name, target, envOf),
  )
  const around = { source, policies }
  const epics = Object.entries(input.epics ?? {}).map(([id, epic]) => buildEpic(id, epic, around))
  return {
    version: 1,
    name: input.name ?? nameFromFolder(root),
    runner: overrides.runner ?? input.runner ?? 'auto',
    image: overrides.image ?? input.image ?? DEFAULT_IMAGE,
    limits: { ...DEFAULT_LIMITS, ...limitsOfBlocks(input), ...limitsOf(input), ...overrides.limits },
    roles,
    epics,
    schedules: buildSchedules(input.schedules ?? {}, epics, around),
    prediction: predictionOf(input),
    health: healthOf(input.health_checks),
    sessions: Object.entries(input.sessions ?? {}).map(([id, session]) => buildSession(id, session)),
    strays: input.locks?.on_undeclared_write ?? 'hold',
    people: input.people ?? {},
    communication: communicationOf(input),
    rules: rulesOf(input.rules),
    conflicts: conflictPolicies(input),
    lockRules: policies,
    ports: input.ports === undefined ? null : parsePortRange(input.ports.range)!,
    merge: mergePolicyOf(input),
    targets,
    gates: gatesOf(input),
    incidents: incidentPolicy(input, presetPlaybooks(input.extends)),
    blocks: Object.fromEntries(BLOCK_NAMES.filter((name) => name in raw).map((name) => [name, raw[name]])),
  }
}

/** `NO agent works on P0 task for >15 min` says when a person is called; `health_checks`, when an agent is stuck. */
function limitsOfBlocks(input: ProjectFile): Partial<Limits> {
  const after = rulesOf(input.rules).find(({ name }) => name === 'p0-to-person')?.afterMs
  const stuckAfterMs = stuckAfterOf(input.health_checks)
  return {
    ...(after == null ? {} : { p0EscalateMs: after }),
    ...(stuckAfterMs === undefined ? {} : { stuckAfterMs }),
  }
}

function limitsOf(input: ProjectFile): Partial<Limits> {
  const given = Object.entries(input.limits ?? {}) as [keyof typeof LIMIT_NAMES, number | undefined][]
  return Object.fromEntries(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[LIMIT_NAMES[key], value]])),
  )
}

/** The folder's name with everything a name cannot hold made into `-`. */
export function nameFromFolder(root: string | undefined): string {
  if (root === undefined) return 'project'
  const name = basename(resolve(root))
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_.-]+|\.{2,}/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
    .replace(/(?:[-_.]|\.lock)+$/i, '')
  return NAME_PATTERN.test(name) ? name : 'project'
}

/** All problems as lines, for a terminal. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n')
}
