import { roleName } from '../domain/ids.ts'
import type { Role } from '../domain/project.ts'
import { isReserved } from '../domain/talk/address.ts'
import { asList, asMap, asText, asTexts } from './drafts.ts'
import { GROUP_NAMES, isGroup, resolveGroups } from './groups.ts'
import { nearest } from './nearest.ts'
import { isPreset, PRESET_NAMES, presetAgents } from './presets.ts'
import type { Path, Problem } from './problems.ts'
import { RoleEntry } from './schema/roles.ts'
import type { Source } from './yaml.ts'

/** The registry of a project: its presets' roles, overridden and joined by its own. */

interface Entry {
  readonly name: string
  /** Fields as written, those of a preset below those of the file. */
  readonly raw: Readonly<Record<string, unknown>>
  /** Where the file has it; undefined for a role that only a preset has. */
  readonly path: Path | undefined
}

/** Roles of one project, those of presets included. */
const MAX_ROLES = 500

export interface Registry {
  readonly roles: readonly Role[]
  readonly problems: readonly Problem[]
}

/** Reads what can be read even where the shape is wrong; the shape check reports that. */
export function collectRoles(root: unknown, source: Source): Registry {
  const file = asMap(root) ?? {}
  const problems: Problem[] = []
  const entries = new Map<string, Entry>()
  for (const entry of presetEntries(file.extends, source, problems)) entries.set(entry.name, entry)
  const own = agentEntries(file.agents, ['agents'])
  problems.push(...duplicates(own, source))
  for (const entry of own) {
    const raw = { ...entries.get(entry.name)?.raw, ...entry.raw }
    entries.set(entry.name, { ...entry, raw })
  }
  return finish([...entries.values()], source, problems)
}

/** The same for a file that is nothing but a list of agents or a tier of the registry. */
export function collectAgents(agents: unknown, source: Source, path: Path): Registry {
  const entries = agentEntries(agents, path)
  return finish(entries, source, [...duplicates(entries, source)])
}

function finish(entries: readonly Entry[], source: Source, problems: Problem[]): Registry {
  if (entries.length > MAX_ROLES) {
    const message = `there are ${entries.length} agents; the most is ${MAX_ROLES}. A role runs many agents at once`
    return { roles: [], problems: [...problems, source.problemAtKey(['agents'], message)] }
  }
  const roles = entries.map(toRole)
  const names = entries.map(({ name }) => name)
  for (const entry of entries) problems.push(...entryProblems(entry, names, source))
  return { roles: roles.map((role) => resolve(role, roles)), problems }
}

function presetEntries(value: unknown, source: Source, problems: Problem[]): readonly Entry[] {
  const names = typeof value === 'string' ? [value] : asList(value)
  return names.flatMap((name, i): readonly Entry[] => {
    if (typeof name !== 'string') return []
    if (isPreset(name))
      return agentEntries(presetAgents(name), []).map((entry) => ({ ...entry, path: undefined }))
    const path = typeof value === 'string' ? ['extends'] : ['extends', i]
    const message = `unknown preset "${name}"; there are: ${PRESET_NAMES.join(', ')}`
    problems.push(source.problem(path, message, nearest(name, PRESET_NAMES)))
    return []
  })
}

/** Entries of either form, a list with names or a map by name. */
function agentEntries(agents: unknown, path: Path): readonly Entry[] {
  if (Array.isArray(agents)) {
    return agents.flatMap((item, i): readonly Entry[] => {
      const raw = asMap(item)
      const name = asText(raw?.name)
      if (raw === undefined || name === undefined) return []
      const { name: _, ...fields } = raw
      return [{ name, raw: fields, path: [...path, i] }]
    })
  }
  return Object.entries(asMap(agents) ?? {}).flatMap(([name, item]): readonly Entry[] => {
    const raw = asMap(item)
    return raw === undefined ? [] : [{ name, raw, path: [...path, name] }]
  })
}

function duplicates(entries: readonly Entry[], source: Source): readonly Problem[] {
  const seen = new Map<string, Entry>()
  return entries.flatMap((entry): readonly Problem[] => {
    const key = entry.name.toLowerCase()
    const first = seen.get(key)
    if (first === undefined) {
      seen.set(key, entry)
      return []
    }
    const { line } = source.problem(first.path!, '')
    const what =
      first.name === entry.name ? `is listed twice` : `differs from "${first.name}" only in letter case`
    return [
      source.problem([...entry.path!, 'name'], `the agent "${entry.name}" ${what}; first in line ${line}`),
    ]
  })
}

function toRole({ name, raw }: Entry): Role {
  const parsed = RoleEntry.safeParse(raw)
  const input = parsed.success ? parsed.data : { skills: [...asTexts(raw.skills)] }
  const communication = input.communication ?? []
  return {
    name: roleName(name),
    id: input.id ?? null,
    title: input.role ?? '',
    responsibilities: input.responsibilities ?? [],
    skills: input.skills ?? [],
    tier: input.tier ?? null,
    authority: input.authority ?? null,
    ownership: input.ownership ?? [],
    dependencies: (input.dependencies ?? []).map(roleName),
    communication: (typeof communication === 'string' ? [communication] : communication).map(roleName),
    capacity: input.capacity ?? null,
    image: input.image ?? null,
  }
}

function resolve(role: Role, roles: readonly Role[]): Role {
  const dependencies = resolveGroups(role.dependencies, roles, role.name)
  return { ...role, dependencies, communication: resolveGroups(role.communication, roles, role.name) }
}

function entryProblems(
  { name, raw, path }: Entry,
  names: readonly string[],
  source: Source,
): readonly Problem[] {
  if (path === undefined) return []
  const missing =
    raw.role === undefined
      ? [source.problem(path, `the agent "${name}" has no "role": say what it is for`)]
      : []
  const reserved = isReserved(name)
    ? [
        source.problem(
          path,
          `"${name}" is whom messages of that address go to: call the agent something else`,
        ),
      ]
    : []
  return [...reserved, ...missing, ...relations('dependencies'), ...relations('communication')]

  function relations(key: 'dependencies' | 'communication'): readonly Problem[] {
    const value = raw[key]
    const alone = typeof value === 'string'
    return (alone ? [value] : asList(value)).flatMap((other, i) => {
      if (typeof other !== 'string' || isGroup(other)) return []
      const at = alone ? [...path!, key] : [...path!, key, i]
      if (other === name) return [source.problem(at, `the agent "${name}" names itself in "${key}"`)]
      if (names.includes(other)) return []
      return [
        source.problem(
          at,
          `unknown agent "${other}" in "${key}"`,
          nearest(other, [...names, ...GROUP_NAMES]),
        ),
      ]
    })
  }
}
