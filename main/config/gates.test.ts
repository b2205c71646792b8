import { describe, expect, it, test } from 'vitest'
import { checkPlan } from '../domain/checkPlan.ts'
import { planFor } from './planFor.ts'
import { formatProblem } from './problems.ts'
import { loadProjectText } from './project.ts'
import { fixture, load, problemsOf, withTask } from './testing.ts'

const withGates = (gates: string, task = 'writes: [src]'): string => `${withTask(task)}gates:\n${gates}\n`
const condition = (text: string, more = ''): string => withGates(`  g: {conditions: [${text}]${more}}`)
const only = (text: string, more = '') => load(condition(text, more)).gates[0]!.conditions[0]

describe('conditions', () => {
  test.each<[string, object]>([
    ['{junit: r/*.xml}', { kind: 'junit', reports: ['r/*.xml'], minTests: 1, mayDrop: null, title: '' }],
    ['{junit: [a, b], min_tests: 5, no_drop: true}', { reports: ['a', 'b'], minTests: 5, mayDrop: 0 }],
    [
      '{coverage: {lcov: c, lines: 80, no_drop: 0.5}, title: T}',
      { format: 'lcov', floors: { lines: 80 }, mayDrop: 0.5, title: 'T' },
    ],
    [
      '{coverage: {cobertura: c, branches: 0}}',
      { format: 'cobertura', floors: { branches: 0 }, mayDrop: null },
    ],
    ['{sarif: s}', { kind: 'sarif', reports: ['s'], failOn: 'high' }],
    ['{trivy: t, fail_on: critical}', { kind: 'trivy', failOn: 'critical' }],
    ['{files: [a, "b/**"]}', { kind: 'files', globs: ['a', 'b/**'] }],
    ['{absent: ["**/*.orig"]}', { kind: 'absent' }],
    ['{contains: {file: a, text: x}}', { kind: 'contains', file: 'a', wanted: { text: 'x' } }],
    ['{contains: {file: a, pattern: "^x$"}}', { wanted: { pattern: '^x$' } }],
    ['{run: make}', { kind: 'command', run: 'make', image: null, network: 'none', timeoutMs: 600_000 }],
    [
      '{run: make, image: "node:22", network: internet, timeout: 5s}',
      { image: { ref: 'node:22' }, network: 'internet', timeoutMs: 5_000 },
    ],
    ['{approval: {}}', { kind: 'approval', by: { authority: 'any', people: null }, quorum: 1 }],
  ])('%s', (text, expected) => {
    expect(only(text)).toMatchObject(expected)
  })

  it('take the severity of their gate', () => {
    expect(only('{sarif: s}', ', fail_on: low')).toMatchObject({ failOn: 'low' })
    expect(only('{sarif: s, fail_on: medium}', ', fail_on: low')).toMatchObject({ failOn: 'medium' })
  })

  it('name people by their authority or themselves', () => {
    const people = 'people: {CISO: ada, CTO: bob}\n'
    const by = (name: string) =>
      load(`${condition(`{approval: {by: ${name}}}`)}${people}`).gates[0]!.conditions[0]
    expect(by('CISO')).toMatchObject({ by: { authority: 'CISO', people: ['ada'] } })
    expect(by('bob')).toMatchObject({ by: { authority: 'bob', people: ['bob'] } })
  })

  test.each([
    ['{junit: a, min_test: 3}', 'unknown key "min_test" (did you mean "min_tests"?)'],
    ['{coverage: {lines: 80}}', 'exactly one of lcov, cobertura'],
    ['{coverage: {lcov: a}}', '"coverage" asks for nothing'],
    ['{coverage: c}', '"coverage" must be a map'],
    ['{sarif: a, min_tests: 3}', 'unknown key "min_tests"; known here: sarif, fail_on, title'],
    ['{sarif: a, fail_on: bad}', 'must be one of low, medium, high, critical'],
    ['{contains: {file: a}}', 'exactly one of text, pattern'],
    ['{contains: {file: a, pattern: "("}}', 'nvalid regular expression'],
    ['{approval: {by: CISO}}', 'nobody is known as "CISO": add "people: {CISO: NAME}"'],
    ['{files: []}', 'at least one item'],
  ])('%s is told what is wrong', (text, problem) => {
    const problems = problemsOf(condition(text))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  it('want no more people than there are', () => {
    const text = `${condition('{approval: {by: CISO, quorum: 2}}')}people: {CISO: ada}\n`
    expect(problemsOf(text)[0]).toContain('a quorum of 2 cannot be met: CISO is ada')
  })
})

describe('where gates stand', () => {
  it('is checked where they are named', () => {
    const text = withGates('  tests: {conditions: [{junit: a}]}', 'gates: [test]')
    expect(problemsOf(text)[0]).toContain('unknown gate "test" (did you mean "tests"?)')
    const phase = text
      .replace('gates: [test]', 'env: {}')
      .replace('- name: One', '- name: One\n        gates: [nope]')
    expect(problemsOf(phase)[0]).toContain('unknown gate "nope"')
    const taken = withGates('  g: {conditions: [{junit: a}]}').replace('id: a', 'id: gate-check')
    expect(problemsOf(taken)[0]).toContain('"gate-check" is what evaluations of gates are called')
  })

  it('goes with the plan, those that are named only', () => {
    const text = withGates(
      '  x: {conditions: [{junit: a}]}\n  y: {conditions: [{junit: a}]}',
      'gates: [y, y]',
    )
    const plan = planFor(load(text), 'ship')!
    expect(plan.gates?.map(({ name }) => name)).toEqual(['y'])
    expect(plan.tasks[0]!.gates).toEqual(['y'])
    expect(planFor(load(withTask('writes: [src]')), 'ship')).not.toHaveProperty('gates')
  })
})

describe('the framework’s component_gates', () => {
  const SEED = `version: 1\n${fixture('component-gates.yaml')}`

  it('make four gates of fifteen lines, each with its own words', () => {
    const { gates } = load(SEED)
    expect(
      gates.map(({ name, title, conditions }) => [name, title, conditions.map(({ kind }) => kind)]),
    ).toEqual([
      ['code_complete', 'Code complete', ['command', 'command', 'files', 'files']],
      ['security_approved', 'Security approved', ['trivy', 'approval', 'sarif', 'command']],
      ['testing_passed', 'Testing passed', ['junit', 'junit', 'junit']],
      ['documentation_complete', 'Documentation complete', ['approval', 'files', 'approval', 'files']],
    ])
    const lines = gates.flatMap(({ conditions }) => conditions.map(({ title }) => title))
    expect(lines).toHaveLength(15)
    for (const line of lines) expect(fixture('component-gates.yaml')).toContain(`- ${line}\n`)
  })

  it('warn of nothing as they stand, and of lines nobody knows', () => {
    const warnings = (text: string): readonly string[] => {
      const result = loadProjectText(text, { env: {}, file: 'a.yaml' })
      return result.ok ? result.warnings.map(formatProblem) : ['does not load']
    }
    expect(warnings(SEED)).toEqual([])
    const text = 'version: 1\ncomponent_gates:\n  done:\n    - Has README.md\n    - Smells nice\n'
    expect(warnings(text)).toEqual([
      expect.stringContaining('a.yaml:5:7: no tool is known for "Smells nice"'),
    ])
    expect(load(text).gates[0]!.conditions[1]).toMatchObject({ kind: 'approval', title: 'Smells nice' })
  })

  it('give way to gates of the project’s own', () => {
    const { gates } = load(`${SEED}\ngates:\n  testing_passed: {conditions: [{run: make test}]}\n`)
    expect(gates).toHaveLength(4)
    expect(gates.find(({ name }) => name === 'testing_passed')!.conditions).toMatchObject([
      { run: 'make test' },
    ])
  })

  it('ask the CISO where there is one', () => {
    const { gates } = load(`${SEED}\npeople: {CISO: ada}\n`)
    const approvals = gates[1]!.conditions.filter(({ kind }) => kind === 'approval')
    expect(approvals).toMatchObject([{ by: { authority: 'CISO', people: ['ada'] } }])
  })
})

it('the example of docs/gates.md loads and can be run', async () => {
  const { readFileSync } = await import('node:fs')
  const text = readFileSync(new URL('../../docs/gates.md', import.meta.url), 'utf8')
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(text)!
  const project = load(`version: 1\nextends: amphitheatre-devops\n${example}`)
  expect(checkPlan(planFor(project, 'ship')!)).toBeUndefined()
})
