import { describe, expect, test } from 'vitest'
import { loadProjectText } from '../../config/index.ts'
import type { Plan } from '../plan.ts'
import { plan } from '../testing/plan.ts'
import { message, says, talking } from '../testing/talk.ts'
import { allowedReceivers, mayMessage } from './rights.ts'

function registry(preset: string): Plan {
  const loaded = loadProjectText(`version: 1\nextends: ${preset}\n`, { env: {}, file: 'a.yaml' })
  if (!loaded.ok) throw new Error(loaded.problems.join())
  return { ...plan([['a']]), roles: loaded.project.roles }
}

const from = (made: Plan, name: string): readonly string[] =>
  allowedReceivers(made, made.roles.find((role) => role.name === name)!)

test('in the devops framework nobody is bound: everybody may write to everybody', () => {
  const made = registry('amphitheatre-devops')
  for (const a of made.roles) for (const b of made.roles) expect(mayMessage(made, a, b)).toBe(true)
})

describe('in the registry of the platform', () => {
  const made = registry('terraform-platform')
  const all = made.roles.map(({ name }) => name as string)

  test('the coordinator writes to all, and all to the coordinator', () => {
    expect(from(made, 'context_manager')).toHaveLength(all.length - 1)
    for (const name of all)
      if (name !== 'context_manager') expect(from(made, name)).toContain('context_manager')
  })

  test('a dependency goes both ways, and no further', () => {
    const pairs = made.roles.flatMap((a) => made.roles.map((b) => [a, b] as const))
    for (const [a, b] of pairs) {
      if (a.name === b.name || a.tier === 1 || b.tier === 1) continue
      const related = a.dependencies.includes(b.name) || b.dependencies.includes(a.name)
      expect(mayMessage(made, a, b), `${a.name} to ${b.name}`).toBe(
        related || a.communication.includes(b.name),
      )
    }
    expect(mayMessage(made, made.roles[1]!, made.roles[2]!)).toBe(true)
  })
})

/** Three roles of a registry: Lead coordinates, Dev and Ops know each other not. */
const BOUND = {
  roles: { Lead: { tier: 1, authority: 'FULL' }, Dev: { tier: 3 }, Ops: { tier: 4 } },
  with: { dev: { role: 'Dev' }, ops: { role: 'Ops' } },
}
const bound = () => talking(['lead', 'dev', 'ops'], BOUND)

describe('what the registry does not allow is refused with whom it does', () => {
  test('a message of one to one', () => {
    expect(says(bound(), 'dev', { to: 'ops', type: 'UPDATE' })).toEqual({
      rejected: 'forbidden',
      reason: 'Dev may not write to ops; the registry lets it write to Lead',
    })
  })

  test('of a message to all those are left out', () => {
    const driver = bound()
    says(driver, 'dev', { to: 'all', type: 'UPDATE' })
    expect(message(driver, 1).recipients).toEqual([0])
  })

  test.each([
    ['a cry of alarm', { to: 'ops', type: 'ALERT', priority: 0 }],
    ['a request for help', { to: 'ops', type: 'REQUEST', kind: 'request_help' }],
    ['help from whoever can', { to: 'help', type: 'REQUEST', skills: [] }],
    ['a word to the person', { to: 'person', type: 'UPDATE' }],
  ] as const)('free is %s', (_name, draft) => {
    expect(says(bound(), 'dev', { ...draft, skills: [] })).toBeUndefined()
  })

  test('who was asked may answer who asked, and nobody else for it', () => {
    const driver = bound()
    says(driver, 'ops', { to: 'dev', type: 'ALERT', priority: 0 })
    expect(says(driver, 'dev', { to: 'sender', type: 'RESPONSE', correlation: '1' })).toBeUndefined()
    says(driver, 'lead', { to: 'dev', type: 'REQUEST' })
    expect(says(driver, 'dev', { to: 'ops', type: 'UPDATE', correlation: '3' })?.reason).toMatch(
      /may not write/,
    )
  })
})
