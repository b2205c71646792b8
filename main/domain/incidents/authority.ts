import type { Role } from '../project.ts'
import type { IncidentLevel } from './policy.ts'

/** Tiers of the registry whose agents are senior: coordination and infrastructure. */
const SENIOR_TIER = 2

/** Why an agent of this role may not open an incident of that level; undefined when it may. */
export function openingRefused(level: IncidentLevel, role: Role, roles: readonly Role[]): string | undefined {
  const words = level.authority.toLowerCase()
  if (/\b(?:any|all|every)\b/.test(words)) return undefined
  if (/\bsenior\b/.test(words))
    return isSenior(role, roles)
      ? undefined
      : `${level.authority} open those, and ${role.name} is of tier ${role.tier}; one that is worse anybody may open`
  // A role by name: `MonitoringSentinel`, `agent-008`, or what it is for.
  const names = [role.name, role.id ?? '', role.title].filter((name) => name !== '')
  if (names.some((name) => words.includes(name.toLowerCase()))) return undefined
  return `${level.authority} open those, and ${role.name} is none`
}

/** Where the registry has no tiers nobody is above anybody. */
function isSenior({ tier, authority }: Role, roles: readonly Role[]): boolean {
  if (authority === 'FULL' || roles.every((role) => role.tier === null)) return true
  return tier !== null && tier <= SENIOR_TIER
}

/** Who leads at that level; null: whoever takes command, or the engine's routine until then. */
export function leadOf(level: IncidentLevel, roles: readonly Role[], raisedBy: string | null): string | null {
  const words = level.coordination.toLowerCase()
  const named = roles.find((role) => words.includes(role.name.toLowerCase()))
  if (named !== undefined) return named.name
  if (/context[ _-]?man/.test(words)) {
    const manager = roles.find(
      ({ name, title, authority }) =>
        authority === 'FULL' || /context[ _-]?manager|coordinator/i.test(`${name} ${title}`),
    )
    return manager?.name ?? raisedBy ?? watcher(roles)
  }
  return raisedBy ?? watcher(roles)
}

/** Does whoever knows most about the cause lead (`Domain expert leads`)? */
export function expertLeads(level: IncidentLevel): boolean {
  return /expert|owner/i.test(level.coordination)
}

/** The role that looks after incidents, by what it is for. */
function watcher(roles: readonly Role[]): string | null {
  const found =
    roles.find(({ responsibilities }) => responsibilities.some((one) => /incident/i.test(one))) ??
    roles.find(({ name, title }) => /monitor|observab/i.test(`${name} ${title}`))
  return found?.name ?? null
}

/** Whom to call: the name behind the authority that leads, else the person at the control center. */
export function whomToCall(level: IncidentLevel, people: Readonly<Record<string, string>>): string {
  const words = level.coordination.toLowerCase()
  const held = Object.entries(people).find(([authority]) => words.includes(authority.toLowerCase()))
  if (held !== undefined) return `${held[1]} (${held[0]})`
  const lead = /^(.*?)\s+leads?$/i.exec(level.coordination.trim())?.[1]
  return lead === undefined ? 'the person on duty' : lead
}
