import type { Role } from '../domain/project.ts'

/** Names that stand for several roles in the seeds' registries. */

/** What membership is decided by. */
export type Member = Pick<Role, 'title' | 'responsibilities' | 'skills' | 'tier'>

/** Tiers whose roles build things: the infrastructure and the platform layer. */
const DEVELOPMENT_TIERS: readonly number[] = [2, 3]
const DEVELOPS = /\b(build|develop|compil|implement|migrat|schema)/i
const DEPLOYS = /\b(deploy|gitops|release|rollout)/i

const GROUPS: ReadonlyMap<string, (role: Member) => boolean> = new Map([
  ['all_agents', () => true],
  [
    'all_development_agents',
    (role: Member) => (role.tier === null ? says(role, DEVELOPS) : DEVELOPMENT_TIERS.includes(role.tier)),
  ],
  ['deployment_agents', (role: Member) => says(role, DEPLOYS)],
])

export const GROUP_NAMES: readonly string[] = [...GROUPS.keys()]

function says(role: Member, pattern: RegExp): boolean {
  return [role.title, ...role.responsibilities, ...role.skills].some((text) => pattern.test(text))
}

/** Letter case does not matter: the seeds write `all_agents` and `ALL_AGENTS`. */
export function isGroup(name: string): boolean {
  return GROUPS.has(name.toLowerCase())
}

/**
 * Names with groups replaced by their members, in registry order, without repeats and without `self`.
 * Names that are no groups stay as they are.
 */
export function resolveGroups<N extends string>(
  names: readonly string[],
  roles: readonly (Member & { readonly name: N })[],
  self: string | null,
): readonly N[] {
  const resolved = names.flatMap((name): readonly string[] => {
    const belongs = GROUPS.get(name.toLowerCase())
    return belongs === undefined ? [name] : roles.filter(belongs).map((role) => role.name)
  })
  return [...new Set(resolved)].filter((name) => name !== self) as N[]
}
