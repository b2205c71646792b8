import { describe, expect, it } from 'vitest'
import { ownershipGlob } from '../domain/locks/ownership.ts'
import { formatProblem } from './problems.ts'
import { loadProjectText } from './project.ts'
import { fixture, load } from './testing.ts'
import { type FileKind, identify, validateText } from './validate.ts'

/** Every configuration snippet of the documents the product comes from, as it stands there. */
const SNIPPETS: readonly (readonly [string, FileKind])[] = [
  ['agents.yaml', 'agents'],
  ['conflict-resolution.yaml', 'conflict_resolution'],
  ['health-checks.yaml', 'health_checks'],
  ['rules.yaml', 'rules'],
  ['pipeline.yaml', 'pipeline'],
  ['dependencies.json', 'dependencies'],
  ['registry-tier-1.yaml', 'registry'],
  ['registry-tier-2.yaml', 'registry'],
  ['registry-tier-3.yaml', 'registry'],
  ['registry-tier-4.yaml', 'registry'],
  ['registry-tier-5.yaml', 'registry'],
  ['conflict-levels.yaml', 'conflict_levels'],
  ['dependency-rules.yaml', 'blocking_dependencies'],
  ['component-gates.yaml', 'component_gates'],
  ['incident-levels.yaml', 'incident_levels'],
  ['communication-efficiency.yaml', 'communication_efficiency'],
  ['project-goals.yaml', 'project_goals'],
  ['ship.yaml', 'project'],
]

describe('a snippet by itself', () => {
  it.each(SNIPPETS)('%s is %s and is valid', (name, kind) => {
    const text = fixture(name)
    expect(identify(text)).toBe(kind)
    const report = validateText(text, { file: name, env: {} })
    expect(report.problems.map(formatProblem)).toEqual([])
    expect(report).toMatchObject({ file: name, kind })
    expect(report.summary).not.toBe('')
  })

  it('knows every role of the registry once all tiers are there', () => {
    const alone = validateText(fixture('registry-tier-2.yaml'), { file: 'tier', env: {} })
    expect(alone.warnings.map(({ message }) => message)).toEqual([
      'unknown agent "context_manager" in "dependencies"',
      'unknown agent "context_manager" in "dependencies"',
    ])
  })
})

describe('the snippets in a project', () => {
  const blocks = SNIPPETS.filter(([, kind]) => !['registry', 'project', 'dependencies'].includes(kind))

  it('load all together', () => {
    const project = load(`version: 1\n${blocks.map(([name]) => fixture(name)).join('\n')}`)
    expect(project.roles.map((role) => role.title)).toEqual([
      'Build & Compilation',
      'Quality Assurance',
      'Deployment Orchestration',
      'Schema & Optimization',
      'Observability',
      'Data Protection',
    ])
    expect(Object.keys(project.blocks)).toHaveLength(14)
    expect(project.blocks.health_checks).toMatchObject({ interval: '30 seconds' })
    expect(project.blocks.rules).toContain('NO schema changes without backup')
  })

  it('load as agents of a project, tiers and all', () => {
    const tiers = [1, 2, 3, 4, 5].map((tier) => fixture(`registry-tier-${tier}.yaml`)).join('\n')
    const project = load(`version: 1\nagents:\n${tiers.replaceAll(/^/gm, '  ')}`)
    expect(project.roles).toHaveLength(14)
  })
})

describe('presets', () => {
  it('amphitheatre-devops is the list of six', () => {
    const listed = load(`version: 1\n${fixture('agents.yaml')}`)
    expect(load('version: 1\nextends: amphitheatre-devops').roles).toEqual(listed.roles)
  })

  const { roles } = load('version: 1\nextends: [terraform-platform]')
  const role = (name: string) => roles.find((one) => one.name === name)!

  it('terraform-platform is the fourteen in five tiers', () => {
    expect(roles.map(({ id }) => id)).toEqual(
      Array.from({ length: 14 }, (_, i) => `agent-${String(i + 1).padStart(3, '0')}`),
    )
    expect([1, 2, 3, 4, 5].map((tier) => roles.filter((one) => one.tier === tier).length)).toEqual([
      1, 3, 3, 3, 4,
    ])
    expect(role('context_manager')).toMatchObject({
      title: 'Master Coordinator',
      authority: 'FULL',
      dependencies: [],
    })
  })

  it('resolves groups to their members, never oneself', () => {
    const others = (name: string) => roles.map((one) => one.name).filter((one) => one !== name)
    expect(role('context_manager').communication).toEqual(others('context_manager'))
    expect(role('documentation_specialist').dependencies).toEqual(others('documentation_specialist'))
    expect(role('testing_engineer').dependencies).toEqual([
      'infrastructure_architect',
      'security_specialist',
      'network_engineer',
      'backstage_developer',
      'api_developer',
      'kubernetes_specialist',
    ])
  })

  it('join and are overridden field by field', () => {
    const text =
      'version: 1\nextends: [amphitheatre-devops, terraform-platform]\nagents: [{name: BuildMaster, capacity: 2}]'
    const both = load(text).roles
    expect(both).toHaveLength(20)
    expect(both[0]).toMatchObject({ name: 'BuildMaster', title: 'Build & Compilation', capacity: 2 })
  })

  it('are checked against the roles other blocks name', () => {
    const text = `version: 1\nextends: terraform-platform\n${fixture('conflict-resolution.yaml')}`
    const result = loadProjectText(text, { env: {} })
    expect(!result.ok && result.problems.map(({ message }) => message)).toEqual([
      'unknown agent "DatabaseArchitect"',
      'unknown agent "DeployCommander"',
      'unknown agent "BuildMaster"',
      'unknown agent "TestGuardian"',
      'unknown agent "DeployCommander"',
    ])
  })
})

describe('ownership', () => {
  it.each([
    ['docs/*', 'docs/**'],
    ['.github/workflows/*', '.github/workflows/**'],
    ['src/**', 'src/**'],
    ['package.json', 'package.json'],
    ['All IAM policies', undefined],
    ['Templates', undefined],
  ])('of %s is %s', (pattern, glob) => {
    expect(ownershipGlob(pattern)).toBe(glob)
  })
})
