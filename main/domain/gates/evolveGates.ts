import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import { type Plan, planIndex } from '../plan.ts'
import type { ProjectRecord, Run } from '../state.ts'
import { isSamePerson } from './approving.ts'
import { type GatePlace, type GateRecord, isOpen, lets, NO_GATES, samePlace } from './gateRecord.ts'

export type GateEvent = EventOf<
  'gate.asked' | 'gate.evaluated' | 'gate.delayed' | 'gate.decided' | 'gate.settled'
>

/** The records of a run's gates. What a pass opens (a phase, a deployment) is done by readiness. */
export function evolveGates(run: Run, data: GateEvent, time: number): Run {
  if (data.type === 'gate.asked') return asked(run, data, time)
  return changed(run, data.id, (record) => {
    switch (data.type) {
      case 'gate.evaluated':
        return evaluated(record, data, time)
      case 'gate.delayed':
        return { ...record, trouble: { error: data.error, remedy: data.remedy, since: time } }
      case 'gate.decided': {
        const { condition, by, yes, why, result } = data
        const others = record.approvals.filter(
          (one) => one.condition !== condition || !isSamePerson(one.by, by),
        )
        return {
          ...record,
          approvals: [...others, { condition, by, at: time, yes, why }],
          results: record.results.with(condition, result),
        }
      }
      case 'gate.settled': {
        const skipped = data.by === null ? null : { by: data.by, at: time, why: data.why }
        return { ...record, state: data.state, skipped, trouble: null, since: time }
      }
      default:
        return assertNever(data, 'unknown event')
    }
  })
}

function changed(run: Run, id: string, change: (record: GateRecord) => GateRecord): Run {
  const { records, last } = run.gates ?? NO_GATES
  return {
    ...run,
    gates: { last, records: records.map((record) => (record.id === id ? change(record) : record)) },
  }
}

/** What was approved of what was looked at last time counts on only if the same is looked at again. */
function asked(run: Run, data: EventOf<'gate.asked'>, time: number): Run {
  const { records } = run.gates ?? NO_GATES
  const { id, gate, at, number, span } = data
  const known = records.find((record) => record.id === id)
  const fresh = known === undefined || known.state === 'void'
  const record: GateRecord = {
    id,
    gate,
    at,
    state: 'evaluating',
    number,
    span,
    rounds: (known?.rounds ?? 0) + 1,
    lost: known?.lost ?? 0,
    since: time,
    commit: fresh ? null : known.commit,
    results: [],
    // A no is about what failed; who asks again asks people again.
    approvals: fresh || known.state === 'failed' ? [] : known.approvals,
    skipped: null,
    trouble: null,
  }
  const rest =
    known === undefined ? [...records, record] : records.map((one) => (one.id === id ? record : one))
  return { ...run, gates: { last: number + span - 1, records: rest } }
}

function evaluated(record: GateRecord, data: EventOf<'gate.evaluated'>, time: number): GateRecord {
  const { verdict, commit, results } = data
  if (verdict === 'lost') return { ...record, lost: record.lost + 1, trouble: null }
  const approvals = commit === record.commit ? record.approvals : []
  const state = verdict === 'waiting' ? 'waiting' : record.state
  return { ...record, state, commit, results, approvals, lost: 0, trouble: null, since: time }
}

/** What the attempt's gates said is about work that came to nothing. */
export function voidOfAttempt(run: Run, task: number, attempt: number): Run {
  return voided(run, ({ at }) => samePlace(at, { kind: 'task', task, attempt }), isOpen)
}

/** A task is made anew: what came after it is looked at anew. */
export function voidAfter(run: Run, task: number): Run {
  if (run.gates === undefined) return run
  const { phase } = run.plan.tasks[task]!
  return voided(run, ({ at }) => isAfter(run.plan, at, task, phase))
}

function isAfter(plan: Plan, at: GatePlace, task: number, phase: number): boolean {
  switch (at.kind) {
    case 'task':
      return false
    case 'phase':
      return at.phase >= phase
    case 'deploy':
      return at.task === task || plan.tasks[at.task]!.phase > phase || needsIt(plan, at.task, task)
  }
}

function needsIt(plan: Plan, task: number, need: number): boolean {
  const { needs } = planIndex(plan)
  const found = new Set([task])
  for (const at of found) for (const next of needs[at]!) found.add(next)
  return found.has(need)
}

/** What let a deployment pass does so for its next attempt; what did not is asked again. */
export function voidUnpassed(run: Run, task: number): Run {
  return voided(
    run,
    ({ at }) => samePlace(at, { kind: 'deploy', task }),
    (record) => !lets(record),
  )
}

/** Nothing is asked of a run that ends. */
export function voidOpen(run: Run): Run {
  return voided(run, () => true, isOpen)
}

function voided(
  run: Run,
  where: (record: GateRecord) => boolean,
  which: (record: GateRecord) => boolean = () => true,
): Run {
  if (run.gates === undefined) return run
  const isVoid = (record: GateRecord): boolean => record.state !== 'void' && which(record) && where(record)
  if (!run.gates.records.some(isVoid)) return run
  const records = run.gates.records.map((record) =>
    isVoid(record) ? { ...record, state: 'void' as const, trouble: null } : record,
  )
  return { ...run, gates: { ...run.gates, records } }
}

/** What the next evaluation on this project is compared with. */
export function withFigures(
  project: ProjectRecord,
  gate: string,
  figures: Readonly<Record<string, number>>,
): ProjectRecord {
  if (Object.keys(figures).length === 0) return project
  const known = project.gateFigures ?? {}
  return { ...project, gateFigures: { ...known, [gate]: { ...known[gate], ...figures } } }
}
