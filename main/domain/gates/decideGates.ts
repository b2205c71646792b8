import { assertNever } from '../assertNever.ts'
import type { ClientCommand, Report } from '../commands.ts'
import { retry, standsInTheWay } from '../decideTask.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { reopenRun, reviveCancelled } from '../reopening.ts'
import { ruleOf, underRule } from '../rules/rule.ts'
import type { Attention, Run } from '../state.ts'
import { approvalResult, isSamePerson, mayDecide, personOf, waitingApprovals } from './approving.ts'
import { ask } from './asking.ts'
import { endGate, evaluated, lostEvaluation } from './evaluating.ts'
import type { GateReport } from './gateCommands.ts'
import type { GateRecord } from './gateRecord.ts'
import { conditionWords } from './gateWords.ts'
import { gateSpec, placeWords } from './places.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>
export type GateCommand = Of<'gate.approve' | 'gate.skip' | 'gate.evaluate'> | GateReport

export function decideGates(draft: Draft, command: GateCommand): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined) return reject('unknown', `there is no run ${command.run}`)
  if (command.type === 'report.gate-evaluated') return reported(draft, run, command)
  const record = findGate(run, command.gate)
  if (record === undefined) return reject('unknown', noGate(run, command.gate))
  switch (command.type) {
    case 'gate.approve':
      return approve(draft, run, record, command)
    case 'gate.skip':
      return skip(draft, run, record, command.why)
    case 'gate.evaluate':
      return evaluateAgain(draft, run, record)
    default:
      return assertNever(command, 'unknown command')
  }
}

/** By its id, or the one of that name that was asked last. */
export function findGate(run: Run, reference: string): GateRecord | undefined {
  const records = run.gates?.records ?? []
  return (
    records.find(({ id }) => id === reference) ?? latest(records.filter(({ gate }) => gate === reference))
  )
}

/** Of several places: what waits for somebody, then what was asked last. */
function latest(records: readonly GateRecord[]): GateRecord | undefined {
  const waiting = records.filter(({ state }) => state === 'waiting')
  return (waiting.length > 0 ? waiting : records).toSorted((a, b) => b.number - a.number)[0]
}

function noGate(run: Run, reference: string): string {
  const known = (run.gates?.records ?? []).map(({ id, gate }) => `${gate} (${id})`)
  const list = known.length === 0 ? 'none was asked yet' : `there are ${known.join(', ')}`
  return `run ${run.id} has no gate ${reference}: ${list}`
}

function reported(draft: Draft, run: Run, report: GateReport): Verdict {
  const record = run.gates?.records.find(
    ({ number, state }) => number === report.number && state === 'evaluating',
  )
  if (record === undefined) return reject('stale', `evaluation ${report.number} is not under way`)
  if (report.measured === undefined) lostEvaluation(draft, run, record)
  else evaluated(draft, run, record, { commit: report.commit, measured: report.measured })
  return undefined
}

/** The evaluation could not be made, now or for good. */
export function evaluationFailed(
  draft: Draft,
  report: Extract<Report, { type: 'report.effect-failed' }>,
): Verdict {
  const run = draft.run(report.run)
  const record = run.gates?.records.find(
    ({ number, state }) => number === report.gate && state === 'evaluating',
  )
  if (record === undefined) return reject('stale', 'that evaluation is over')
  const { error, remedy } = report
  if (report.permanent) {
    const found = { kind: 'unreadable', text: `${error} ${remedy}`.trim() } as const
    const measured = gateSpec(run.plan, record.gate).conditions.map(() => ({ found, reports: [] }))
    evaluated(draft, run, record, { commit: record.commit, measured })
  } else if (record.trouble?.error !== error) {
    const { id, gate, number } = record
    draft.emitRun(run.id, { type: 'gate.delayed', id, gate, number, error, remedy })
  }
  return undefined
}

const STATE_WORDS = {
  evaluating: 'is being evaluated',
  waiting: 'waits for approval',
  passed: 'has passed',
  failed: 'has failed',
  skipped: 'was let pass',
  void: 'is not asked now',
} as const

function nameOf(run: Run, record: GateRecord): string {
  return `gate ${record.gate} of ${placeWords(run.plan, record.at)}`
}

function forbidden(run: Run, record: GateRecord, reason: string): Verdict {
  const rule = record.at.kind === 'deploy' ? ruleOf(run.plan, 'gate-before-deploy') : undefined
  return reject('forbidden', underRule(reason, rule))
}

function approve(draft: Draft, run: Run, record: GateRecord, command: Of<'gate.approve'>): Verdict {
  const person = personOf(draft.envelope.actor)
  if (person === null) return forbidden(run, record, 'only a person approves')
  if (record.state !== 'waiting')
    return reject('not-now', `${nameOf(run, record)} ${STATE_WORDS[record.state]}`)
  if (command.commit !== undefined && command.commit !== record.commit)
    return reject(
      'stale',
      `${nameOf(run, record)} is about ${record.commit ?? 'no code'} now, and not what you looked at: look again`,
    )
  const spec = gateSpec(run.plan, record.gate)
  const waiting = waitingApprovals(spec, record)
  const asked =
    command.condition === null ? waiting : waiting.filter(({ index }) => index === command.condition)
  if (asked.length === 0)
    return reject('not-now', `condition ${command.condition} of ${nameOf(run, record)} waits for nobody`)
  const own = asked.filter(({ condition }) => mayDecide(condition.by, person))
  if (own.length === 0) {
    const { condition } = asked[0]!
    const who = `${condition.by.authority} (${condition.by.people?.join(', ')})`
    return forbidden(run, record, `${conditionWords(condition)}: ${who} decides, and you are ${person}`)
  }
  const by = draft.envelope.actor
  for (const { index, condition } of own) {
    const { yes, why } = command
    const said = { condition: index, by, at: draft.now, yes, why }
    const others = record.approvals.filter((one) => one.condition !== index || !isSamePerson(one.by, by))
    const result = approvalResult(condition, index, [...others, said])
    draft.emitRun(run.id, {
      type: 'gate.decided',
      id: record.id,
      gate: record.gate,
      condition: index,
      by,
      yes,
      why,
      result: { ...result, reports: [...result.reports], figures: { ...result.figures } },
    })
  }
  endGate(draft, run.id, record.id, command.yes ? 'approve' : 'reject')
  return undefined
}

/** A person lets it pass unmet: only where the gate names who may, and with a reason. */
function skip(draft: Draft, run: Run, record: GateRecord, why: string): Verdict {
  const { maySkip } = gateSpec(run.plan, record.gate)
  const person = personOf(draft.envelope.actor)
  if (maySkip === null) return forbidden(run, record, `${nameOf(run, record)} cannot be skipped`)
  if (person === null || !mayDecide(maySkip, person)) {
    const who = maySkip.people === null ? 'a person' : `${maySkip.authority} (${maySkip.people.join(', ')})`
    return forbidden(run, record, `${nameOf(run, record)} can be skipped by ${who} only`)
  }
  if (why.trim() === '') return reject('invalid', 'skipping a gate wants a reason: say why')
  const isFailedPhase = record.state === 'failed' && record.at.kind === 'phase'
  if (record.state !== 'evaluating' && record.state !== 'waiting' && !isFailedPhase)
    return reject('not-now', `${nameOf(run, record)} ${STATE_WORDS[record.state]}`)
  if (isFailedPhase) {
    const blocked = standsInTheWay(run)
    if (blocked !== undefined) return blocked
    reopenRun(draft, run.id)
    reviveCancelled(draft, run.id)
  }
  endGate(draft, run.id, record.id, 'skip', { by: draft.envelope.actor, why: why.trim() })
  return undefined
}

/** After a failure, or while it waits: reports may have come, a tool may know more. */
function evaluateAgain(draft: Draft, run: Run, record: GateRecord): Verdict {
  const { at, state } = record
  if (state === 'waiting') {
    ask(draft, run.id, record)
    return undefined
  }
  if (state !== 'failed') return reject('not-now', `${nameOf(run, record)} ${STATE_WORDS[state]}`)
  switch (at.kind) {
    case 'task': {
      const name = run.plan.tasks[at.task]!.id
      return reject('not-now', `attempt ${placeWords(run.plan, at)} is over: retry ${name}`)
    }
    case 'deploy':
      return retry(draft, run, at.task)
    case 'phase': {
      const blocked = standsInTheWay(run)
      if (blocked !== undefined) return blocked
      reopenRun(draft, run.id)
      reviveCancelled(draft, run.id)
      ask(draft, run.id, record)
      return undefined
    }
    default:
      return assertNever(at, 'unknown place')
  }
}

/** A person answers what a gate asks. */
export function answerGate(draft: Draft, run: Run, item: Attention, choice: string): Verdict {
  if (!item.choices.includes(choice))
    return reject('invalid', `${item.id} can be answered with ${item.choices.join(', ')}`)
  const base = { run: run.id, gate: item.about! }
  if (item.kind === 'gate-failed') return decideGates(draft, { type: 'gate.evaluate', ...base })
  const yes = choice === 'approve'
  return decideGates(draft, { type: 'gate.approve', ...base, yes, condition: null, why: '' })
}
