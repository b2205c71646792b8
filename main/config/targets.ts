import type { Lock } from '../domain/locks/lock.ts'
import { DEFAULT_ASIDE } from '../domain/points/aside.ts'
import type { ImageSpec } from '../domain/project.ts'
import type { BesideSpec } from '../domain/targets/beside.ts'
import {
  type AsidePolicy,
  type DatabaseSpec,
  type HealthSpec,
  INSPECTIONS,
  type PointPolicy,
  type ServiceSpec,
  type TargetPlace,
  type TargetSpec,
  type TaskAction,
  targetLock,
  type VerifySpec,
} from '../domain/targets/target.ts'
import type { BesideInput, TargetInput } from './schema/targets.ts'
import type { TaskInput } from './schema/tasks.ts'

/** Targets as the engine wants them. Expects what has passed every check. */

/** Gives the environment as it is written, numbers and all. */
export type EnvOf = (
  env: Readonly<Record<string, string | number | boolean>>,
  path: readonly (string | number)[],
) => Readonly<Record<string, string>>

const MINUTE_MS = 60_000

export function buildTarget(name: string, input: TargetInput, envOf: EnvOf): TargetSpec {
  return {
    name,
    title: input.title ?? name,
    place: placeOf(name, input, envOf),
    database: databaseOf(name, input.database),
    verify: verifyOf(input.verify),
    points: pointsOf(input.points),
    gates: input.gates ?? [],
    envFiles: input.env_files ?? [],
  }
}

function placeOf(name: string, input: TargetInput, envOf: EnvOf): TargetPlace {
  const { docker, compose, ssh, kubectl, helm } = input
  if (docker !== undefined) {
    const { strategy = 'blue-green', port } = docker
    return { kind: 'docker', strategy, port, service: serviceOf(name, docker.service, envOf) }
  }
  if (compose !== undefined) {
    const { file, service, image_variable: imageVariable = 'IMAGE', url = null } = compose
    return { kind: 'compose', file, service, imageVariable, url }
  }
  if (ssh !== undefined) {
    const { host, deploy, rollback = null, restart = null, health = null, url = null, take_down } = ssh
    const takeDown = take_down === undefined ? {} : { takeDown: take_down }
    return { kind: 'ssh', host, commands: { deploy, rollback, restart, health, ...takeDown }, url }
  }
  if (kubectl !== undefined) {
    const { context = null, namespace = 'default', workload, container, url = null } = kubectl
    return { kind: 'kubectl', context, namespace, workload, container, url }
  }
  const { context = null, namespace = 'default', release, chart, image_value, url = null } = helm!
  return { kind: 'helm', context, namespace, release, chart, imageValue: image_value ?? 'image', url }
}

function serviceOf(
  name: string,
  input: NonNullable<TargetInput['docker']>['service'],
  envOf: EnvOf,
): ServiceSpec {
  const { cpus = null, memory = null, pids = null } = input.resources ?? {}
  return {
    port: input.port,
    env: envOf(input.env ?? {}, ['targets', name, 'docker', 'service', 'env']),
    health: healthOf(input.health),
    internet: input.internet ?? false,
    writable: input.writable ?? false,
    resources: { cpus, memoryBytes: memory, pids },
  }
}

function healthOf(input: NonNullable<TargetInput['docker']>['service']['health']): HealthSpec {
  return {
    path: input.path,
    intervalMs: input.interval ?? 250,
    timeoutMs: input.timeout ?? 5_000,
    withinMs: input.within ?? MINUTE_MS,
  }
}

function databaseOf(target: string, input: TargetInput['database']): DatabaseSpec | null {
  switch (input?.kind) {
    case 'postgres':
      return { kind: 'postgres', name: input.name ?? databaseName(target), hook: null }
    case 'sqlite':
      return { kind: 'sqlite', name: input.file ?? `/data/${databaseName(target)}.db`, hook: null }
    case 'hook':
      return {
        kind: 'hook',
        name: input.name ?? target,
        hook: {
          dump: input.dump,
          restore: input.restore,
          ...(input.check === undefined ? {} : { check: input.check }),
        },
      }
    default:
      return null
  }
}

/** PostgreSQL folds and cuts names: one of plain letters is the same everywhere. */
function databaseName(target: string): string {
  const plain = target.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
  return /^[a-z_]/.test(plain) ? plain.slice(0, 48) : `t_${plain}`.slice(0, 48)
}

function verifyOf(input: TargetInput['verify']): VerifySpec {
  return {
    paths: input?.paths ?? [],
    run: input?.run ?? null,
    image: input?.image ?? null,
    settleMs: input?.settle ?? 0,
    timeoutMs: input?.timeout ?? MINUTE_MS,
    onFailure: input?.on_failure ?? 'back',
  }
}

function pointsOf(input: TargetInput['points']): PointPolicy {
  return {
    keep: input?.keep ?? 10,
    maxAgeMs: input?.max_age ?? null,
    test: input?.test ?? null,
    ...(input?.time_zone === undefined ? {} : { timeZone: input.time_zone }),
    remote: input?.remote ?? null,
    ...(input?.aside === undefined ? {} : { aside: asidePolicy(input.aside) }),
  }
}

function asidePolicy({
  keep = DEFAULT_ASIDE.keep,
  max_age: maxAgeMs = DEFAULT_ASIDE.maxAgeMs,
}: NonNullable<NonNullable<TargetInput['points']>['aside']>): AsidePolicy {
  return { keep, maxAgeMs }
}

/** What of a task the engine does itself; undefined where an agent does it. */
export function actionOf(task: TaskInput): TaskAction | undefined {
  const { target, kind = 'work', run, version = '' } = task
  if (target === undefined) return undefined
  if (task.do === 'verify' || task.do === 'restart') return { do: task.do }
  const what = INSPECTIONS.find((one) => one === task.do)
  if (what !== undefined) return { do: 'inspect', what }
  if (kind === 'deploy') return { do: 'deploy', from: sourceOf(task.image!), version }
  if (kind === 'migrate') return { do: 'migrate', run: run! }
  if (run !== undefined) return undefined
  return kind === 'backup' ? { do: 'point', name: version === '' ? null : version } : { do: 'verify' }
}

function sourceOf(image: ImageSpec): { readonly image: string } | { readonly build: string } {
  return 'ref' in image ? { image: image.ref } : image
}

/**
 * Does it need the code of its run? Files that say what runs on this machine (a compose file, a chart) are the
 * user's own: agents may have changed those of the run.
 */
export function needsCode(action: TaskAction): boolean {
  return action.do === 'migrate' || (action.do === 'deploy' && 'build' in action.from)
}

/** A target is one thing: who acts on it has it to itself, who looks shares it. */
export function lockOfTarget(target: string, action: TaskAction | undefined): Lock {
  const looks = action === undefined || action.do === 'verify' || action.do === 'inspect'
  return { kind: 'resource', on: targetLock(target), mode: looks ? 'shared' : 'exclusive' }
}

export function buildServices(
  services: Readonly<Record<string, BesideInput>>,
  envOf: EnvOf,
  path: readonly (string | number)[],
): readonly BesideSpec[] {
  return Object.entries(services).map(([name, { image, env = {}, health = null }]) =>
    image === undefined
      ? { name, image: null, env: {}, health: null }
      : { name, image, env: envOf(env, [...path, 'services', name, 'env']), health },
  )
}
