import type { ResultState } from '../../../main/domain/gates/gate.ts'
import type { GatePlace, GateState } from '../../../main/domain/gates/gateRecord.ts'
import type { GateView } from '../../../main/domain/gates/gateViews.ts'
import type { Run } from '../../../main/domain/state.ts'
import type { Mark } from '../../../main/domain/status.ts'
import type { Like } from '../words/language.ts'
import type { words } from './words.ts'

type Words = Like<(typeof words)['en']>

/** `coming`: its turn has not come. */
export type GateLook = GateState | 'coming'

export const lookOfGate = ({ record }: GateView): GateLook => record?.state ?? 'coming'

export const GATE_MARKS: Readonly<Record<GateLook, Mark>> = {
  coming: 'waiting',
  evaluating: 'running',
  waiting: 'needs-you',
  passed: 'done',
  failed: 'failed',
  skipped: 'done',
  void: 'waiting',
}

export const RESULT_MARKS: Readonly<Record<ResultState, Mark>> = {
  passed: 'done',
  failed: 'failed',
  error: 'failed',
  waiting: 'needs-you',
}

/** Of several at one place what holds it up: the first of these that any of them is. */
const GRAVEST: readonly GateLook[] = ['waiting', 'failed', 'evaluating', 'void', 'coming', 'skipped']

export function lookOfAll(views: readonly GateView[]): GateLook {
  const looks = views.map(lookOfGate)
  return GRAVEST.find((look) => looks.includes(look)) ?? 'passed'
}

/** `before ship`, `end of Build`, `after build`. */
export function placeTitle(w: Words, run: Run, at: GatePlace): string {
  switch (at.kind) {
    case 'phase':
      return w.endOf(run.plan.phases[at.phase]!.name)
    case 'deploy':
      return w.before(run.plan.tasks[at.task]!.id)
    case 'task':
      return w.after(run.plan.tasks[at.task]!.id)
  }
}

/** What a yes brings about, and a no. */
export function consequences(
  w: Words,
  run: Run,
  at: GatePlace,
): { readonly yes: string; readonly no: string } {
  switch (at.kind) {
    case 'phase': {
      const next = run.plan.phases[at.phase + 1]
      return { yes: next === undefined ? w.runEnds : w.phaseBegins(next.name), no: w.runFails }
    }
    case 'deploy':
      return { yes: w.taskStarts(run.plan.tasks[at.task]!.id), no: w.taskFails(run.plan.tasks[at.task]!.id) }
    case 'task':
      return { yes: w.workMerged(run.plan.tasks[at.task]!.id), no: w.attemptFails(at.attempt) }
  }
}

/** What keeps it from passing, in a few words: trouble, what people say, the first condition that is not met. */
export function whyNot({ record, conditions }: GateView): string {
  if (record === null || record.state === 'passed') return ''
  if (record.trouble !== null) return record.trouble.error
  if (record.skipped !== null) return record.skipped.why
  const bad = conditions.find(({ result }) => result !== null && result.state !== 'passed')
  return bad === undefined ? '' : `${bad.text}: ${bad.result!.measured}`
}
