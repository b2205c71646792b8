import { describe, expect, it } from 'vitest'
import { formatProblem } from './problems.ts'
import { identify, validateText } from './validate.ts'

const problems = (text: string) => validateText(text, { file: 'f', env: {} }).problems.map(formatProblem)

describe('telling a file by its content', () => {
  it.each([
    ['version: 1', 'project'],
    ['epics: {}', 'project'],
    ['agents: []\nlimits: {}', 'project'],
    ['agents: []', 'agents'],
    ['[{"name": "A", "role": "x"}]', 'agents'],
    ['{"dependencies": [], "wait_for_completion": false}', 'dependencies'],
    ['project: web\non: {push: {branches: [main]}}', 'project_rules'],
    ['a: {role: x}\nb: {role: y}', 'registry'],
    ['version: "3.8"\nservices: {redis: {image: redis}}', undefined],
    ['agent: devops-engineer\nphase: done', undefined],
    ['{}', undefined],
    ['[]', undefined],
    ['text', undefined],
    ['{', undefined],
  ])('%j', (text, kind) => {
    expect(identify(text)).toBe(kind)
  })

  it('lists what could be there', () => {
    expect(problems('services: {}')).toEqual([
      'f:1:1: it is not clear what this file is. It could be a project (version: 1, epics, …); a list of agents (agents: …); a registry of agents (a map of name: {id, role, …}); conflict_resolution; health_checks; rules; pipeline; project rules (project: …, on: …); the dependencies of an agent (dependencies: […]); blocking_dependencies and non_blocking_dependencies; conflict levels (technical_conflicts, design_conflicts, priority_conflicts, ownership_conflicts); component_gates; incident_levels; project_goals; communication_efficiency',
    ])
  })

  it('suggests the key that may have been meant', () => {
    expect(problems('\nhealth_check: {}')).toEqual([
      'f:2:1: unknown key "health_check" (did you mean "health_checks"?)',
    ])
  })
})

describe('validation', () => {
  it.each([
    ['agents: [{name: A, role: x, skils: []}]', ['f:1:29: unknown key "skils" (did you mean "skills"?)']],
    [
      '- {name: A, role: x}\n- {name: A, role: y}',
      ['f:2:10: the agent "A" is listed twice; first in line 1'],
    ],
    ['a: {role: x, teir: 1}', ['f:1:14: unknown key "teir" (did you mean "tier"?)']],
    ['rules: [1]', ['f:1:9: item 1 of "rules" must be text, not a number: put it in quotes']],
    ['project: web\non: {psuh: {}}', ['f:2:6: unknown key "psuh" (did you mean "push"?)']],
    [
      '{"dependencies": [1]}',
      ['f:1:19: item 1 of "dependencies" must be text, not a number: put it in quotes'],
    ],
    ['version: 1\nagnts: []', ['f:2:1: unknown key "agnts" (did you mean "agents"?)']],
  ])('%j', (text, expected) => {
    expect(problems(text)).toEqual(expected)
  })

  it('says what it found', () => {
    expect(validateText('agents: [{name: A, role: x}]', { file: 'f', env: {} }).summary).toBe(
      'a list of agents: 1 role',
    )
    expect(validateText('version: 1\nextends: amphitheatre-devops', { file: 'f', env: {} }).summary).toBe(
      'a project: 0 epics, 0 tasks, 6 agents',
    )
  })
})
