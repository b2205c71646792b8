import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { check } from './issues.ts'
import { formatProblem } from './problems.ts'
import { Agents } from './schema/roles.ts'
import { Text } from './schema/scalars.ts'
import { parseYaml } from './yaml.ts'

/** Role registries that ship with the program, for `extends`. */
export const PRESET_NAMES = ['amphitheatre-devops', 'terraform-platform'] as const
export type PresetName = (typeof PRESET_NAMES)[number]

const Preset = z.strictObject({ title: Text, agents: Agents })

const FOLDER = fileURLToPath(new URL('../../resources/presets/', import.meta.url))

export function isPreset(name: string): name is PresetName {
  return (PRESET_NAMES as readonly string[]).includes(name)
}

const loaded = new Map<PresetName, unknown>()

/** The preset's `agents`, as they would stand in a project file. Throws when the installation is damaged. */
export function presetAgents(name: PresetName): unknown {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const file = join(FOLDER, `${name}.yaml`)
  const parsed = parseYaml(readFileSync(file, 'utf8'), file)
  const problems = parsed.ok ? check(Preset, parsed.source.root, parsed.source).problems : parsed.problems
  if (!parsed.ok || problems.length > 0) {
    throw new Error(
      `The preset ${name} is damaged, install the program again: ${problems.map(formatProblem).join('; ')}`,
    )
  }
  const { agents } = parsed.source.root as { agents: unknown }
  loaded.set(name, agents)
  return agents
}
