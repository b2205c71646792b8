import { describe, expect, it } from 'vitest'
import { planFor } from './planFor.ts'
import { nameFromFolder } from './project.ts'
import { fixture, load } from './testing.ts'

describe('loading a project', () => {
  it('loads the form in full', () => {
    const project = load(fixture('ship.yaml'))
    expect(project.limits).toEqual({
      maxConcurrentAgents: 4,
      maxAgentsPerFile: 1,
      maxRuntimeMs: 600_000,
      stuckAfterMs: 300_000,
      p0EscalateMs: 900_000,
      stopGraceMs: 10_000,
    })
    expect(project.image).toEqual({ ref: 'amphitheatre/agent' })
    expect(project.roles.map((role) => role.name)).toEqual([
      'BuildMaster',
      'TestGuardian',
      'DeployCommander',
      'DatabaseArchitect',
      'MonitoringSentinel',
      'BackupKeeper',
    ])
    expect(project.roles[0]).toMatchObject({
      responsibilities: ['TypeScript compilation'],
      skills: ['typescript', 'vite'],
    })
    const [epic] = project.epics
    expect(epic!.phases).toEqual([
      { name: 'Build', mode: 'parallel' },
      { name: 'Gates', mode: 'sequential' },
      { name: 'Deploy', mode: 'tasks' },
    ])
    expect(epic!.tasks[0]).toEqual({
      id: 'compile-api',
      title: 'compile-api',
      phase: 0,
      kind: 'work',
      role: 'BuildMaster',
      skills: [],
      run: 'npm run build:api',
      env: {},
      image: null,
      network: 'run',
      workspace: 'repo',
      needs: [],
      needsSoft: [],
      reads: ['src/**'],
      writes: ['dist/api/**'],
      uses: [],
      priority: 3,
      points: null,
      dueMs: null,
      timeoutMs: 300_000,
      retry: { retries: 1, delayMs: 0, maxDelayMs: 60_000, jitter: 0 },
      allowFailure: false,
      onLost: 'ask',
      resources: { cpus: null, memoryBytes: null, pids: null },
    })
    expect(epic!.tasks[1]).toMatchObject({
      role: null,
      skills: ['vitest'],
      priority: 1,
      points: 3,
      dueMs: 7_200_000,
    })
    expect(epic!.tasks[4]).toMatchObject({
      phase: 2,
      needs: [{ task: 'migrate', timeoutMs: null }],
      needsSoft: [{ task: 'unit', timeoutMs: 600_000 }],
    })
  })

  it('makes a plan of one epic', () => {
    const project = load(fixture('ship.yaml'))
    expect(planFor(project, 'nothing')).toBeUndefined()
    const plan = planFor(project, 'ship')!
    expect(plan.tasks).toHaveLength(5)
    expect(plan).toMatchObject({ epic: 'ship', title: 'Ship v2', roles: project.roles })
  })

  it.each([
    ['/home/me/My Project', 'My-Project'],
    ['/srv/été.lock', 'ete'],
    ['/srv/..hidden', 'hidden'],
    ['/', 'project'],
    ['/srv/日本', 'project'],
  ])('names the project in %s %s', (folder, name) => {
    expect(nameFromFolder(folder)).toBe(name)
  })
})
