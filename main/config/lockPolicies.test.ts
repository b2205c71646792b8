import { describe, expect, it } from 'vitest'
import { planFor } from './planFor.ts'
import { loadProjectText } from './project.ts'

function usesOf(task: string, block: string): unknown {
  const text = `
version: 1
extends: amphitheatre-devops
conflict_resolution:
  locks:
${block}
epics:
  go:
    phases:
      - name: all
        tasks:
          - {id: it, agent: BuildMaster, run: 'true', ${task}}
`
  const loaded = loadProjectText(text, { env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.project.epics[0]!.tasks[0]!.uses
}

const SCHEMA = `    - {resource: database_schema, holder: DatabaseArchitect, duration: 5 minutes, auto_release: on_task_complete}`
const COMPOSE = `    - {resource: docker-compose.yml, holder: DeployCommander, allow_concurrent_reads: true, write_queue: FIFO}`

describe('what a task uses', () => {
  it('is named in the task', () => {
    expect(usesOf('uses: [port:5432, {resource: env:staging, shared: true}]', SCHEMA)).toEqual([
      { kind: 'resource', on: 'port:5432', mode: 'exclusive' },
      { kind: 'resource', on: 'env:staging', mode: 'shared' },
    ])
  })

  it('is the schema for a migration, where the project locks it', () => {
    const schema = { kind: 'resource', on: 'database_schema', mode: 'exclusive' }
    expect(usesOf('kind: migrate', SCHEMA)).toEqual([schema])
    expect(usesOf('kind: migrate, uses: [database_schema]', SCHEMA)).toEqual([schema])
    expect(usesOf('kind: migrate', COMPOSE)).toEqual([])
    expect(usesOf('kind: work', SCHEMA)).toEqual([])
  })

  it('waits in a line that nobody passes where the write queue is FIFO', () => {
    const fifo = { kind: 'files', on: 'docker-compose.yml', mode: 'exclusive', fifo: true }
    expect(usesOf("writes: ['*.yml']", COMPOSE)).toEqual([fifo])
    expect(usesOf("reads: ['*.yml']", COMPOSE)).toEqual([])
    expect(usesOf("writes: ['src/**']", COMPOSE)).toEqual([])
  })

  it('is held alone, also to read, where concurrent reads are not allowed', () => {
    const alone = '    - {resource: package.json, allow_concurrent_reads: false}'
    expect(usesOf('reads: [package.json]', alone)).toEqual([
      { kind: 'files', on: 'package.json', mode: 'exclusive' },
    ])
    expect(usesOf('writes: [package.json]', alone)).toEqual([])
  })
})

it('a plan has the rules as the block says them', () => {
  const text = `
version: 1
extends: amphitheatre-devops
conflict_resolution:
  strategy: lock-based
  locks:
${SCHEMA}
    - {resource: package.json, holder: BuildMaster, notify_on_change: [TestGuardian (re-run tests), DeployCommander]}
epics:
  go: {phases: [{name: all, tasks: [{id: it, agent: BuildMaster, run: 'true'}]}]}
`
  const loaded = loadProjectText(text, { env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const rule = { fifo: false, sharedReads: true, leaseMs: null, notify: [] }
  expect(planFor(loaded.project, 'go')!.lockRules).toEqual([
    { ...rule, kind: 'resource', on: 'database_schema', leaseMs: 300_000 },
    {
      ...rule,
      kind: 'files',
      on: 'package.json',
      notify: [
        { role: 'TestGuardian', action: 're-run tests' },
        { role: 'DeployCommander', action: null },
      ],
    },
  ])
})

it('a resource that cannot be one is refused with an example', () => {
  expect(() => usesOf("uses: ['database schema']", SCHEMA)).toThrow(/is not a resource: write for example/)
})
