import type { Report } from '../../domain/commands.ts'
import type { ConditionOf, GateSpec, Measured } from '../../domain/gates/gate.ts'
import type { GateRecord } from '../../domain/gates/gateRecord.ts'
import { GATE_CHECK, gateCheckId, gateSpec } from '../../domain/gates/places.ts'
import type { CommitId } from '../../domain/ids.ts'
import { placeInGraph } from '../../domain/merging/graphOrder.ts'
import type { Run } from '../../domain/state.ts'
import type { EffectContext } from '../handlers.ts'
import type { CutRequest } from '../ports/workspaces.ts'
import { scopeOf, type World } from '../world.ts'
import { checkCommand } from './checkCommand.ts'
import { lineage } from './workEffects.ts'

const APPROVAL: Measured = { found: { kind: 'approval' }, reports: [] }
const unreadable = (text: string): Measured => ({ found: { kind: 'unreadable', text }, reports: [] })

/**
 * Looks at every condition of a gate: at reports and files in the hub, at commands in containers of their own. An
 * evaluation under way when the engine died is made again; its commands are found by their names and waited for. One
 * that is called off meanwhile is dropped, and nothing is reported.
 */
export async function gateEvaluate(context: EffectContext): Promise<Report | undefined> {
  const { world, run, effect } = context
  const number = effect.gate!
  const record = underWay(run, number)
  if (record === undefined) return undefined
  const off = new AbortController()
  const isWanted = (): boolean => {
    const now = world.engine.state.runs.get(run.id)
    return now !== undefined && underWay(now, number) !== undefined
  }
  const stop = world.engine.onPublish(() => {
    if (!isWanted()) off.abort()
  })
  try {
    const signal = AbortSignal.any([context.signal, off.signal])
    return await evaluate({ context, record, isWanted, signal })
  } finally {
    stop()
  }
}

function underWay({ gates }: Run, number: number): GateRecord | undefined {
  return gates?.records.find((record) => record.number === number && record.state === 'evaluating')
}

interface Evaluating {
  readonly context: EffectContext
  readonly record: GateRecord
  readonly isWanted: () => boolean
  readonly signal: AbortSignal
}

async function evaluate(evaluating: Evaluating): Promise<Report | undefined> {
  const { record, isWanted } = evaluating
  const { world, run } = evaluating.context
  const spec = gateSpec(run.plan, record.gate)
  const report = (commit: CommitId | null, measured: readonly Measured[] | undefined): Report => ({
    type: 'report.gate-evaluated',
    run: run.id,
    number: record.number,
    commit,
    measured,
  })
  const subject = await subjectOf(world, run, record)
  if ('conflict' in subject) {
    const text = `what it is about does not fit together: ${subject.conflict.join(', ')}`
    return report(
      null,
      spec.conditions.map(() => unreadable(text)),
    )
  }
  const measured: Measured[] = []
  let commands = 0
  for (const condition of spec.conditions) {
    if (!isWanted()) return undefined
    switch (condition.kind) {
      case 'approval':
        measured.push(APPROVAL)
        break
      case 'command': {
        const ended = await command(evaluating, subject, condition, commands++)
        if (ended === undefined) return undefined
        if (ended === 'lost') return report(subject.commit, undefined)
        measured.push(ended)
        break
      }
      default:
        measured.push(await look(world, run, subject, condition))
    }
  }
  return report(subject.commit, measured)
}

type Readable = Exclude<GateSpec['conditions'][number], { kind: 'command' | 'approval' }>

async function look(world: World, run: Run, subject: Subject, condition: Readable): Promise<Measured> {
  if (subject.commit === null) return unreadable('there is no code to look at')
  if (world.gates === null) return unreadable('reports cannot be read here')
  const { commit, reports: artifacts } = subject
  return world.gates.measure({ ...scopeOf(run), commit, artifacts, since: run.base, condition })
}

/** Undefined when it was called off. */
async function command(
  { context, record, isWanted, signal }: Evaluating,
  { code }: Subject,
  spec: ConditionOf<'command'>,
  index: number,
): Promise<Measured | 'lost' | undefined> {
  if (code === null) return unreadable('there is no code to run it on')
  const { world, run, again } = context
  const id = gateCheckId(run.id, record.number + index)
  const end = await checkCommand(world, { run, id, task: GATE_CHECK, spec, code, isWanted, signal, again })
  if (end === undefined) return undefined
  if (end.result === 'lost') return 'lost'
  return { found: { kind: 'command', passed: end.result === 'passed', detail: end.detail }, reports: [] }
}

/** What a gate is about. */
interface Subject {
  /** Null in a run without code. */
  readonly commit: CommitId | null
  /** Manifests of the git-ignored files that count as reports. */
  readonly reports: readonly string[]
  /** What commands run on. */
  readonly code: Pick<CutRequest, 'base' | 'from' | 'artifacts'> | null
}

async function subjectOf(
  world: World,
  run: Run,
  { at, number }: GateRecord,
): Promise<Subject | { readonly conflict: readonly string[] }> {
  switch (at.kind) {
    case 'task': {
      const { commit, cut, artifacts } = run.tasks.get(at.task)!.current!
      const own = artifacts === null ? [] : [artifacts]
      // An earlier task's report says nothing about this one's work.
      return fixed(commit ?? cut?.commit ?? null, own, [...lineage(run, at.task).artifacts, ...own])
    }
    case 'phase': {
      const artifacts = artifactsUpTo(run, at.phase)
      return fixed(run.tip, artifacts, artifacts)
    }
    case 'deploy': {
      const base = run.base ?? run.tip
      if (base === null) return fixed(null, [], [])
      const { from, artifacts } = lineage(run, at.task)
      const { onTip } = run.tasks.get(at.task)!
      // As the deployment's own workspace will be cut.
      const code = { base, from: onTip && run.tip !== null ? [run.tip] : from, artifacts }
      const attempt = gateCheckId(run.id, number)
      const cut = await world.workspaces.cut({ ...scopeOf(run), attempt, ...code })
      if (cut.status === 'conflict') return { conflict: cut.files }
      return { commit: cut.commit, reports: artifacts, code }
    }
  }
}

function fixed(commit: CommitId | null, reports: readonly string[], artifacts: readonly string[]): Subject {
  return { commit, reports, code: commit === null ? null : { base: commit, from: [], artifacts } }
}

/** Of all tasks of the phase and those before it, in graph order. */
function artifactsUpTo(run: Run, phase: number): readonly string[] {
  const tasks = run.plan.tasks
    .flatMap((spec, i) => (spec.phase <= phase ? [i] : []))
    .sort((a, b) => placeInGraph(run.plan, a) - placeInGraph(run.plan, b) || a - b)
  return [...new Set(tasks.flatMap((task) => run.tasks.get(task)!.artifacts ?? []))]
}
