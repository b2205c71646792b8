import { Draft } from '../draft.ts'
import type { EventEnvelope } from '../events.ts'
import { evolve } from '../evolve.ts'
import { commandId } from '../ids.ts'
import type { PointContent, RollbackPoint } from '../points/point.ts'
import { makePoint } from '../points/takePoints.ts'
import { DEFAULT_RESOURCES } from '../project.ts'
import type { ProjectRecord } from '../state.ts'
import type { Release, TargetRecord, TargetSpec } from '../targets/target.ts'
import { type Driver, PROJECT } from './driver.ts'

export const COMMIT = 'a'.repeat(40)
export const LATER = 'b'.repeat(40)

export function targetSpec(name = 'shop', more: Partial<TargetSpec> = {}): TargetSpec {
  return {
    name,
    title: name,
    place: {
      kind: 'docker',
      strategy: 'blue-green',
      port: 8080,
      service: {
        port: 80,
        env: {},
        health: { path: '/', intervalMs: 100, timeoutMs: 1_000, withinMs: 10_000 },
        resources: DEFAULT_RESOURCES,
      },
    },
    database: { kind: 'postgres', name: 'shop', hook: null },
    verify: { paths: ['/'], run: null, image: null, settleMs: 0, timeoutMs: 10_000 },
    points: { keep: 3, maxAgeMs: null, test: null, remote: null },
    gates: [],
    envFiles: ['.env'],
    ...more,
  } as TargetSpec
}

export function release(version: string, commit: string | null = COMMIT): Release {
  return { version, image: `sha256:${version}`, detail: {}, commit }
}

export function pointContent(key: string, more: Partial<PointContent> = {}): PointContent {
  return {
    key,
    target: 'shop',
    why: 'deploy',
    name: null,
    git: { branch: 'main', commit: COMMIT },
    release: release('v1'),
    database: {
      kind: 'postgres',
      name: 'shop',
      hash: 'h',
      bytes: 10,
      rows: { users: 2 },
      schemaVersion: '1',
    },
    environment: { '.env': 'e' },
    bytes: 10,
    ...more,
  }
}

/** Puts a target, as a deployment would leave it, into the project's record. */
export function withTarget(driver: Driver, more: Partial<TargetRecord> = {}): void {
  const spec = more.spec ?? targetSpec()
  const record: TargetRecord = {
    spec,
    current: { release: release('v1'), by: 'r0/deploy#1', at: driver.now, before: null, verified: true },
    history: [],
    state: 'healthy',
    busy: null,
    reason: null,
    ...more,
  }
  change(driver, (project) => ({ ...project, targets: { ...project.targets, [spec.name]: record } }))
}

export function change(driver: Driver, by: (project: ProjectRecord) => ProjectRecord): void {
  const projects = new Map(driver.state.projects)
  projects.set(PROJECT, by(projects.get(PROJECT)!))
  driver.state = { ...driver.state, projects }
}

export const project = (driver: Driver): ProjectRecord => driver.state.projects.get(PROJECT)!

/** Puts a point on record as the action that made it would. */
export function addPoint(driver: Driver, key: string, more: Partial<PointContent> = {}): RollbackPoint {
  const id = commandId(`make-${key}`)
  const command = { type: 'schedule' } as const
  const draft = new Draft(driver.state, { id, correlation: id, actor: 'person:ann', command }, driver.now)
  const point = makePoint(draft, PROJECT, pointContent(key, more))
  for (const event of draft.events) take(driver, event)
  return point
}

function take(driver: Driver, event: EventEnvelope): void {
  driver.state = evolve(driver.state, event)
  driver.log.push(event)
}
