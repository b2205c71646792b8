import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { check } from './issues.ts'
import { formatProblem } from './problems.ts'
import { type PlaybookInput, Playbooks } from './schema/incidents.ts'
import { Agents } from './schema/roles.ts'
import { Text } from './schema/scalars.ts'
import { parseYaml } from './yaml.ts'

/** Role registries that ship with the program, for `extends`. */
export const PRESET_NAMES = ['amphitheatre-devops', 'terraform-platform'] as const
export type PresetName = (typeof PRESET_NAMES)[number]

const Preset = z.strictObject({ title: Text, agents: Agents, playbooks: Playbooks.optional() })

const FOLDER = fileURLToPath(new URL('../../resources/presets/', import.meta.url))

export function isPreset(name: string): name is PresetName {
  return (PRESET_NAMES as readonly string[]).includes(name)
}

type Loaded = z.output<typeof Preset> & { readonly raw: unknown }

const loaded = new Map<PresetName, Loaded>()

/** The preset's `agents`, as they would stand in a project file. Throws when the installation is damaged. */
export function presetAgents(name: PresetName): unknown {
  return loadPreset(name).raw
}

/** Playbooks of the presets that a file extends; the first that has one of a name wins. */
export function presetPlaybooks(
  names: string | readonly string[] | undefined,
): Readonly<Record<string, PlaybookInput>> {
  const all = [names ?? []].flat().filter(isPreset)
  return Object.assign({}, ...all.toReversed().map((name) => loadPreset(name).playbooks ?? {}))
}

function loadPreset(name: PresetName): Loaded {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const file = join(FOLDER, `${name}.yaml`)
  const parsed = parseYaml(readFileSync(file, 'utf8'), file)
  const checked = parsed.ok ? check(Preset, parsed.source.root, parsed.source) : undefined
  const problems = parsed.ok ? checked!.problems : parsed.problems
  if (!parsed.ok || checked?.ok !== true) {
    throw new Error(
      `The preset ${name} is damaged, install the program again: ${problems.map(formatProblem).join('; ')}`,
    )
  }
  const { agents } = parsed.source.root as { agents: unknown }
  const preset = { ...checked.data, raw: agents }
  loaded.set(name, preset)
  return preset
}
