import type { ConflictCause, ConflictKind, ConflictLevel } from './conflict.ts'

/** Who settles conflicts of one kind, level by level, and how long each level has. */
export interface ConflictPolicy {
  /** Authorities as the registry names them, of levels 1 to 3. */
  readonly authorities: readonly [string, string, string]
  /** At one level, ms; 0: level 1 has no say. */
  readonly slaMs: number
}

const HOUR = 3_600_000

/** The escalation matrix; ownership is not in it and follows its own block. */
export const CONFLICT_MATRIX: Readonly<Record<ConflictKind, ConflictPolicy>> = {
  technical: { authorities: ['Agents', 'Context Manager', 'Tech Lead'], slaMs: 4 * HOUR },
  design: { authorities: ['Architect', 'Review Board', 'CTO'], slaMs: 24 * HOUR },
  security: { authorities: ['Security Specialist', 'CISO', 'Executive'], slaMs: 2 * HOUR },
  priority: { authorities: ['Context Manager', 'Product Owner', 'Executive'], slaMs: 4 * HOUR },
  resource: { authorities: ['Context Manager', 'Finance', 'Executive'], slaMs: 8 * HOUR },
  ownership: { authorities: ['Primary Owner', 'Shared Owners', 'Context Manager'], slaMs: 0 },
}

export type ConflictPolicies = Readonly<Partial<Record<ConflictKind, ConflictPolicy>>>

export function policyOf(kind: ConflictKind, own: ConflictPolicies = {}): ConflictPolicy {
  return own[kind] ?? CONFLICT_MATRIX[kind]
}

/** Where it begins: what escalates at once has no first level. */
export function firstLevel(policy: ConflictPolicy): ConflictLevel {
  return policy.slaMs === 0 ? 2 : 1
}

/** The engine's own routine: whoever is called context manager at level 1 decides as recommended, at once. */
export function isRoutine(policy: ConflictPolicy, level: ConflictLevel): boolean {
  return level === 1 && /^context (manager|mgr)/i.test(policy.authorities[0])
}

/** Do the parties settle it among themselves at level 1? */
export function isForAgents(policy: ConflictPolicy, level: ConflictLevel): boolean {
  return level === 1 && /^agents?\b/i.test(policy.authorities[0])
}

/** The kind of a conflict where nothing says otherwise. */
export function kindOf(cause: ConflictCause): ConflictKind {
  switch (cause) {
    case 'priority':
      return 'priority'
    case 'ownership':
    case 'undeclared-write':
      return 'ownership'
    case 'overlap':
    case 'duplicate':
    case 'merge':
    case 'predicted':
      return 'technical'
  }
}
