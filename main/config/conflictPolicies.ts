import { CONFLICT_MATRIX, type ConflictPolicies, type ConflictPolicy } from '../domain/conflicts/matrix.ts'
import { parseDuration } from '../domain/duration.ts'
import type { ProjectFile } from './schema/project.ts'

/**
 * Who settles conflicts and how fast: `escalation` rules, then the matrix; what the matrix leaves open is filled from
 * the blocks `…_conflicts`. Authorities are shown with who holds them.
 */
export function conflictPolicies(input: ProjectFile): ConflictPolicies {
  const people = input.people ?? {}
  const named = (authority: string): string => {
    const person = Object.entries(people).find(([name]) => sameName(name, authority))?.[1]
    return person === undefined ? authority : `${authority} (${person})`
  }
  const all: Partial<Record<keyof ConflictPolicies, ConflictPolicy>> = {}
  const own = withBlocks(input)
  for (const kind of Object.keys(CONFLICT_MATRIX) as (keyof typeof CONFLICT_MATRIX)[]) {
    const { authorities, slaMs } = own[kind] ?? CONFLICT_MATRIX[kind]
    const [first, second, third] = authorities
    all[kind] = { authorities: [named(first), named(second), named(third)], slaMs }
  }
  return all
}

function withBlocks(input: ProjectFile): ConflictPolicies {
  const own: Partial<Record<keyof ConflictPolicies, ConflictPolicy>> = {}
  const block = input.ownership_conflicts
  if (block !== undefined) {
    const { authorities, slaMs } = CONFLICT_MATRIX.ownership
    const { L1, L2, L3 } = block.resolution
    const words = [L1 ?? authorities[0], L2 ?? authorities[1], L3 ?? authorities[2]] as const
    own.ownership = { authorities: words, slaMs: perLevel(block.escalation_time) ?? slaMs }
  }
  for (const [kind, { levels, within }] of Object.entries(input.escalation ?? {})) {
    const known = CONFLICT_MATRIX[kind as keyof typeof CONFLICT_MATRIX]
    const [first, second, third] = levels ?? known.authorities
    own[kind as keyof typeof CONFLICT_MATRIX] = {
      authorities: [first!, second!, third!],
      slaMs: within ?? known.slaMs,
    }
  }
  return own
}

/** `4 hours per level`, `Immediate`. */
function perLevel(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^immediate/i.test(text)) return 0
  const parsed = parseDuration(text.replace(/\s+per level$/i, ''))
  return parsed.ok ? parsed.ms : undefined
}

/** `Context Mgr` and `context_manager` are one. */
function sameName(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
      .replace(/mgr$/, 'manager')
  return plain(a) === plain(b)
}
