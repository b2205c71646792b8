import { taskId } from '../ids.ts'
import type { RollbackPoint, TargetPart } from '../points/point.ts'
import type { ProjectRecord } from '../state.ts'
import type { TargetRecord, TaskAction } from '../targets/target.ts'
import { expectedMs } from './deeds.ts'
import type { SeenBranch } from './rollbackPlan.ts'

const STEP_IDS = [
  'save',
  'scratch',
  'hold',
  'database',
  'environment',
  'image',
  'open',
  'branch',
  'verify',
] as const
export type StepId = (typeof STEP_IDS)[number]

/** One step of a rollback; a task of its run. */
export interface RollbackStep {
  readonly id: StepId
  readonly title: string
  /** What it does, in words. */
  readonly does: string
  /** What of the present it keeps, and where; null where it takes nothing away. */
  readonly keeps: string | null
  /** `none`: it changes nothing that is in use. */
  readonly effect: 'none' | 'reversible' | 'irreversible'
  /** How it is taken back; null where it is not, or need not be. */
  readonly undo: string | null
  readonly action: TaskAction
  readonly expectedMs: number | null
}

export interface StepsFor {
  readonly project: ProjectRecord
  readonly record: TargetRecord | null
  readonly point: RollbackPoint
  readonly parts: readonly TargetPart[]
  readonly move: SeenBranch | null
}

/**
 * In this order, each after the one before: the present state is kept before anything is touched; the old data is
 * restored beside the present and compared while everything goes on; only then is the target held, and for no longer
 * than it takes to exchange names and start what was there before. The branch goes last: it waits for nothing.
 */
export function stepsOf(about: StepsFor): readonly RollbackStep[] {
  const { point, parts } = about
  const has = (part: TargetPart): boolean => parts.includes(part)
  const steps: (Draft | null)[] = [
    saveStep(about),
    has('database') && point.database?.kind !== 'hook' ? scratchStep(about) : null,
    has('database') ? holdStep(about) : null,
    has('database') ? databaseStep(about) : null,
    has('environment') ? environmentStep(about) : null,
    has('image') ? imageStep(about) : null,
    has('database') && !has('image') ? openStep(about) : null,
    has('branch') ? branchStep(about) : null,
    about.record === null ? null : verifyStep(about),
  ]
  const { project } = about
  return steps
    .filter((step) => step !== null)
    .map((step) => ({
      ...step,
      expectedMs: expectedMs(project, point.target, step.action) ?? guess(step, point),
    }))
}

type Draft = Omit<RollbackStep, 'expectedMs'>

/** A restore test has measured it, where the step itself was never done. */
function guess({ id }: Draft, point: RollbackPoint): number | null {
  return id === 'scratch' ? (point.tested?.ms ?? null) : null
}

const BACK = 'go back to the point of the first step'

function saveStep({ record, point, parts }: StepsFor): Draft {
  const of = record?.spec.name ?? 'the repository'
  const until = parts.includes('database') ? `; what is written until ${of} is held is not in it` : ''
  return {
    id: 'save',
    title: `Keep ${of} as it is now`,
    does: `makes a rollback point of ${of} as it is now${until}`,
    keeps: 'everything',
    effect: 'none',
    undo: null,
    action: { do: 'point', name: `before going back to ${point.id}`, why: 'rollback' },
  }
}

function scratchStep({ point }: StepsFor): Draft {
  const { name } = point.database!
  return {
    id: 'scratch',
    title: `Restore ${name} beside the present one`,
    does: `restores ${name} as of ${point.id} into a database of its own and compares it with what was dumped`,
    keeps: null,
    effect: 'none',
    undo: null,
    action: { do: 'scratch', point: point.id, key: point.key },
  }
}

function holdStep({ record }: StepsFor): Draft {
  const name = record!.spec.name
  return {
    id: 'hold',
    title: `Hold ${name}`,
    does: `keeps requests away from ${name} while its data is exchanged`,
    keeps: null,
    effect: 'reversible',
    undo: `open ${name} again`,
    action: { do: 'hold' },
  }
}

function databaseStep({ point }: StepsFor): Draft {
  const { kind, name } = point.database!
  const own = kind === 'hook'
  return {
    id: 'database',
    title: `Put ${name} back`,
    does: own
      ? 'feeds the snapshot to the restore command'
      : `puts the restored database in the place of ${name}`,
    keeps: own ? null : `${name} with all that was written until the hold, as ${name}_since_<time>`,
    // What a command of theirs does beside, nobody here knows.
    effect: own ? 'irreversible' : 'reversible',
    undo: own ? null : BACK,
    action: { do: 'restore', point: point.id, key: point.key, part: 'database' },
  }
}

function environmentStep({ point }: StepsFor): Draft {
  const files = Object.keys(point.environment)
  return {
    id: 'environment',
    title: 'Put settings back',
    does: `writes ${files.join(', ')} as of ${point.id}`,
    keeps: 'the present files, in the point of the first step',
    effect: 'reversible',
    undo: BACK,
    action: { do: 'restore', point: point.id, key: point.key, part: 'environment' },
  }
}

function imageStep({ record, point }: StepsFor): Draft {
  const { spec, current } = record!
  const { version } = point.release!
  const own = spec.place.kind === 'ssh'
  return {
    id: 'image',
    title: `Start ${version} again`,
    does: own
      ? `runs the rollback command of ${spec.name} for ${version}`
      : `starts ${version} as it was configured, and sends requests to it once it is healthy`,
    keeps: current === null ? null : `the image of ${current.release.version}`,
    effect: own ? 'irreversible' : 'reversible',
    undo: own ? null : BACK,
    action: { do: 'restore', point: point.id, key: point.key, part: 'image' },
  }
}

function openStep({ record }: StepsFor): Draft {
  const name = record!.spec.name
  return {
    id: 'open',
    title: `Open ${name} again`,
    does: `lets requests reach ${name} again`,
    keeps: null,
    effect: 'reversible',
    undo: `hold ${name}`,
    action: { do: 'open' },
  }
}

function branchStep({ record, point, move }: StepsFor): Draft {
  const { branch, from, to } = move!
  const keepAs = `rollback/${branchWord(record?.current?.release.version ?? point.id)}`
  return {
    id: 'branch',
    title: `Move ${branch} back`,
    does: `moves ${branch} from ${from.slice(0, 12)} to ${to.slice(0, 12)}, if nobody moved it meanwhile and nothing is uncommitted`,
    keeps: `its commits, on the branch ${keepAs}`,
    effect: 'reversible',
    undo: `git merge --ff-only ${keepAs}`,
    action: {
      do: 'restore',
      point: point.id,
      key: point.key,
      part: 'branch',
      move: { branch, from, to, keepAs },
    },
  }
}

function verifyStep({ record, point }: StepsFor): Draft {
  const { name } = record!.spec
  return {
    id: 'verify',
    title: `See that ${name} is well`,
    does: `asks ${name} what the project says it has to answer${point.release === null ? '' : ` as ${point.release.version}`}`,
    keeps: null,
    effect: 'none',
    undo: null,
    action: { do: 'verify' },
  }
}

/** Versions are free text; refs are not. */
function branchWord(version: string): string {
  const plain = version.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/\.{2,}/g, '.')
  // Cut first: what is left may end in what no ref may end in.
  const word = plain
    .replace(/^[.-]+/, '')
    .slice(0, 80)
    .replace(/(?:\.lock|[.-])+$/, '')
  return word === '' ? 'before' : word
}

export const stepTask = (id: StepId) => taskId(id)
