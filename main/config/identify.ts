import { z } from 'zod'
import { asMap } from './drafts.ts'
import { BLOCK_NAMES, BLOCKS, type BlockName, Dependencies, ProjectRules } from './schema/blocks.ts'
import { ProjectInput } from './schema/project.ts'
import { Agents, RoleList, RoleMap } from './schema/roles.ts'
import { parseYaml } from './yaml.ts'

/** What a file is, told by what is in it. */

/** Each kind with the words it is listed by, and the keys that tell it. */
const KINDS = {
  project: 'a project (version: 1, epics, …)',
  agents: 'a list of agents (agents: …)',
  registry: 'a registry of agents (a map of name: {id, role, …})',
  conflict_resolution: 'conflict_resolution',
  health_checks: 'health_checks',
  rules: 'rules',
  pipeline: 'pipeline',
  project_rules: 'project rules (project: …, on: …)',
  dependencies: 'the dependencies of an agent (dependencies: […])',
  blocking_dependencies: 'blocking_dependencies and non_blocking_dependencies',
  conflict_levels:
    'conflict levels (technical_conflicts, design_conflicts, priority_conflicts, ownership_conflicts)',
  component_gates: 'component_gates',
  incident_levels: 'incident_levels',
  project_goals: 'project_goals',
  communication_efficiency: 'communication_efficiency',
} as const

export type FileKind = keyof typeof KINDS
export const FILE_KINDS = Object.keys(KINDS) as readonly FileKind[]

/** Keys that only a project file has. */
const PROJECT_KEYS = ['version', 'epics', 'limits', 'runner', 'extends'] as const

const BLOCK_KINDS: Readonly<Record<BlockName, FileKind>> = {
  conflict_resolution: 'conflict_resolution',
  health_checks: 'health_checks',
  rules: 'rules',
  pipeline: 'pipeline',
  blocking_dependencies: 'blocking_dependencies',
  non_blocking_dependencies: 'blocking_dependencies',
  technical_conflicts: 'conflict_levels',
  design_conflicts: 'conflict_levels',
  priority_conflicts: 'conflict_levels',
  ownership_conflicts: 'conflict_levels',
  component_gates: 'component_gates',
  incident_levels: 'incident_levels',
  project_goals: 'project_goals',
  communication_efficiency: 'communication_efficiency',
}

/** The kind of a YAML or JSON text, or undefined for what is unknown or cannot be parsed. */
export function identify(text: string): FileKind | undefined {
  const parsed = parseYaml(text, '')
  return parsed.ok ? identifyValue(parsed.source.root) : undefined
}

export function identifyValue(root: unknown): FileKind | undefined {
  if (Array.isArray(root)) return root.length > 0 && root.every(looksLikeRole) ? 'agents' : undefined
  const map = asMap(root)
  if (map === undefined) return undefined
  if (isComposeFile(map)) return undefined
  if (PROJECT_KEYS.some((key) => key in map)) return 'project'
  if (Array.isArray(map.dependencies)) return 'dependencies'
  if ('project' in map) return 'project_rules'
  if ('agents' in map) return 'agents'
  const block = BLOCK_NAMES.find((name) => name in map)
  if (block !== undefined) return BLOCK_KINDS[block]
  const values = Object.values(map)
  return values.length > 0 && values.every(looksLikeRole) ? 'registry' : undefined
}

/** `version: '3.8'` with services is Docker's, not ours. */
function isComposeFile(map: Readonly<Record<string, unknown>>): boolean {
  return 'services' in map && !('epics' in map)
}

function looksLikeRole(value: unknown): boolean {
  const map = asMap(value)
  return map !== undefined && 'role' in map
}

/** What a file of a kind is checked against. Blocks may stand together in one file. */
export function schemaFor(kind: FileKind, root: unknown): z.ZodType {
  switch (kind) {
    case 'project':
      return ProjectInput
    case 'agents':
      return Array.isArray(root) ? RoleList : z.strictObject({ agents: Agents, ...OPTIONAL_BLOCKS })
    case 'registry':
      return RoleMap
    case 'dependencies':
      return Dependencies
    case 'project_rules':
      return ProjectRules
    default:
      return z.strictObject(OPTIONAL_BLOCKS)
  }
}

const OPTIONAL_BLOCKS: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(BLOCKS).map(([name, schema]) => [name, (schema as z.ZodType).optional()]),
)

/** All kinds in one sentence. */
export function describeKinds(): string {
  return Object.values(KINDS).join('; ')
}
