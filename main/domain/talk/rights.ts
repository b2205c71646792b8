import type { Plan } from '../plan.ts'
import type { Role } from '../project.ts'

/**
 * Who may write to whom, from the registry. Answers, messages to a person and emergencies are always free, which the
 * caller sees to. A role without tier, authority, communication and dependencies is of no registry: it writes freely.
 */
export function mayMessage(plan: Plan, from: Role, to: Role): boolean {
  if (isUnbound(from) || from.name === to.name) return true
  if (from.authority === 'FULL' || from.communication.includes(to.name)) return true
  // A relationship goes both ways: who is asked may tell.
  if (from.dependencies.includes(to.name) || to.dependencies.includes(from.name)) return true
  return isCoordinator(plan, to)
}

function isUnbound(role: Role): boolean {
  const { tier, authority, communication, dependencies } = role
  return tier === null && authority === null && communication.length === 0 && dependencies.length === 0
}

/** The coordination layer can be reached by everybody: conflicts are brought to it. */
function isCoordinator(plan: Plan, role: Role): boolean {
  return role.tier === 1 && plan.roles.includes(role)
}

/** Whom a role may write to, for telling it so. */
export function allowedReceivers(plan: Plan, from: Role): readonly string[] {
  return plan.roles
    .filter((to) => to.name !== from.name && mayMessage(plan, from, to))
    .map(({ name }) => name)
}
