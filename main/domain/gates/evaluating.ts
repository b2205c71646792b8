import { raiseAbout, resolve } from '../attention.ts'
import type { Draft } from '../draft.ts'
import { failAttempt, failForGood } from '../failure.ts'
import type { CommitId, RunId } from '../ids.ts'
import { completeTask } from '../merging/outcomes.ts'
import type { Run } from '../state.ts'
import { approvalResult } from './approving.ts'
import { ask } from './asking.ts'
import { type ConditionResult, type GateSpec, type Measured, MOST_EVIDENCE } from './gate.ts'
import type { GateRecord } from './gateRecord.ts'
import { conditionWords } from './gateWords.ts'
import { judge } from './judge.ts'
import { gateSpec, letsPass, placeWords } from './places.ts'

/** What follows from what was found, and from what people said. */

/** Evaluations in a row that came to no end; then it is not by chance. */
const MAX_LOST = 3

interface Found {
  readonly commit: CommitId | null
  readonly measured: readonly Measured[]
}

const NOT_LOOKED_AT: Measured = { found: { kind: 'unreadable', text: 'it was not looked at' }, reports: [] }

export function evaluated(draft: Draft, run: Run, record: GateRecord, { commit, measured }: Found): void {
  const { conditions } = gateSpec(run.plan, record.gate)
  const known = draft.state.projects.get(run.project)?.gateFigures ?? {}
  const before = Object.hasOwn(known, record.gate) ? known[record.gate]! : {}
  const approvals = commit === record.commit ? record.approvals : []
  const results = conditions.map((condition, i) =>
    condition.kind === 'approval'
      ? approvalResult(condition, i, approvals)
      : judge(condition, measured[i] ?? NOT_LOOKED_AT, before),
  )
  const { id, gate, number } = record
  draft.emitRun(run.id, {
    type: 'gate.evaluated',
    id,
    gate,
    number,
    commit,
    verdict: verdictOf(results),
    results: results.map((result) => ({
      ...result,
      reports: [...result.reports],
      figures: { ...result.figures },
    })),
  })
  endGate(draft, run.id, id, 'over')
}

/** Nothing passes with a condition that has not passed. */
export function verdictOf(results: readonly ConditionResult[]): 'passed' | 'failed' | 'waiting' {
  if (results.length === 0 || results.some(({ state }) => state === 'failed' || state === 'error'))
    return 'failed'
  return results.every(({ state }) => state === 'passed') ? 'passed' : 'waiting'
}

/** Nobody saw how it ended: it is done again, a few times. */
export function lostEvaluation(draft: Draft, run: Run, record: GateRecord): void {
  const { id, gate, number, commit } = record
  draft.emitRun(run.id, { type: 'gate.evaluated', id, gate, number, commit, verdict: 'lost', results: [] })
  const is = draft.run(run.id).gates!.records.find((one) => one.id === id)!
  if (is.lost < MAX_LOST) {
    ask(draft, run.id, is)
    return
  }
  const text = `it has come to no end ${MAX_LOST} times in a row`
  const measured = gateSpec(run.plan, record.gate).conditions.map(
    (): Measured => ({ found: { kind: 'unreadable', text }, reports: [] }),
  )
  evaluated(draft, draft.run(run.id), is, { commit, measured })
}

interface Skip {
  readonly by: string
  readonly why: string
}

/** Ends a gate whose results are known, or that a person skips; or asks the people it waits for. */
export function endGate(draft: Draft, run: RunId, id: string, choice: string, skip?: Skip): void {
  const record = draft.run(run).gates!.records.find((one) => one.id === id)!
  const { plan } = draft.run(run)
  const spec = gateSpec(plan, record.gate)
  const verdict = verdictOf(record.results)
  if (skip === undefined && verdict === 'waiting') {
    askPeople(draft, run, record, spec)
    return
  }
  const state = skip !== undefined ? 'skipped' : verdict === 'passed' ? 'passed' : 'failed'
  const why = skip?.why ?? (state === 'failed' ? failureWords(spec, record.results) : '')
  const figures = Object.assign({}, ...record.results.map((result) => result.figures)) as Record<
    string,
    number
  >
  resolve(draft, run, `${id}:approval`, choice)
  resolve(draft, run, `${id}:gate-failed`, choice)
  draft.emitRun(run, {
    type: 'gate.settled',
    id,
    gate: record.gate,
    state,
    why,
    by: skip?.by ?? null,
    figures: state === 'passed' ? figures : {},
  })
  if (state === 'failed') failed(draft, run, record, why)
  else passed(draft, run, record)
}

function askPeople(draft: Draft, run: RunId, record: GateRecord, spec: GateSpec): void {
  const waiting = spec.conditions.filter((_, i) => record.results[i]?.state === 'waiting')
  const what = waiting.map((condition) => conditionWords(condition)).join('; ')
  const { at, gate, id } = record
  const text = `gate ${gate} of ${placeWords(draft.run(run).plan, at)} waits for approval: ${what}`
  const task = at.kind === 'phase' ? null : at.task
  raiseAbout(draft, run, { about: id, kind: 'approval', task, text, choices: ['approve', 'reject'] })
}

/** `gate tests: tests of reports/unit.xml: 2 of 41 tests failed (wanted: no failures, at least 1 run)`. */
export function failureWords(spec: GateSpec, results: readonly ConditionResult[]): string {
  const bad = results.flatMap((result, i) =>
    result.state === 'failed' || result.state === 'error' ? [{ result, condition: spec.conditions[i]! }] : [],
  )
  const words = bad.map(
    ({ result, condition }) => `${conditionWords(condition)}: ${result.measured} (wanted: ${result.wanted})`,
  )
  const evidence = bad.flatMap(({ result }) => (result.evidence === '' ? [] : [result.evidence]))
  return [`gate ${spec.name}: ${words.join('; ')}`, ...evidence].join('\n').slice(0, MOST_EVIDENCE)
}

function passed(draft: Draft, id: RunId, { at }: GateRecord): void {
  const run = draft.run(id)
  if (at.kind !== 'task' || !letsPass(run, at)) return
  const { task, attempt } = at
  draft.emitRun(id, { type: 'work.cleared', task, attempt })
  if (run.tasks.get(task)!.current!.commit === null) completeTask(draft, { run: id, task, attempt })
}

function failed(draft: Draft, run: RunId, { id, at }: GateRecord, why: string): void {
  switch (at.kind) {
    case 'task':
      failAttempt(draft, run, at.task, { cause: 'failed', detail: why, code: null })
      return
    case 'deploy':
      failForGood(draft, run, at.task, { cause: 'failed', detail: why, code: null })
      return
    case 'phase': {
      const text = `${placeWords(draft.run(run).plan, at)} does not pass. ${why}`
      raiseAbout(draft, run, { about: id, kind: 'gate-failed', task: null, text, choices: ['evaluate'] })
      return
    }
  }
}
