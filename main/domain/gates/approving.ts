import type { Approvers, Condition, ConditionOf, ConditionResult, GateSpec } from './gate.ts'
import type { Approval, GateRecord } from './gateRecord.ts'
import { wantedWords } from './gateWords.ts'

/** What people say about a gate's conditions, and who may. */

/** Null for whoever is not a person: agents and the engine approve nothing. */
export function personOf(actor: string): string | null {
  return actor.startsWith('person:') ? actor.slice('person:'.length) : null
}

const same = (a: string, b: string): boolean =>
  a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

/** Is it one person? Accounts of a machine do not differ in case only. */
export function isSamePerson(a: string, b: string): boolean {
  return same(a, b)
}

export function mayDecide({ people }: Approvers, person: string): boolean {
  return people === null || people.some((name) => same(name, person))
}

/** As it stands with what was said of it so far. One no is enough; each person counts once. */
export function approvalResult(
  condition: ConditionOf<'approval'>,
  index: number,
  approvals: readonly Approval[],
): ConditionResult {
  const said = approvals.filter((approval) => approval.condition === index)
  const no = said.filter(({ yes }) => !yes)
  const yes = said.length - no.length
  const state = no.length > 0 ? 'failed' : yes >= condition.quorum ? 'passed' : 'waiting'
  const lines = said.map(
    ({ by, yes, why }) => `${personOf(by) ?? by}: ${yes ? 'yes' : 'no'}${why === '' ? '' : `, ${why}`}`,
  )
  return {
    state,
    measured: measuredWords(said, yes, condition.quorum),
    wanted: wantedWords(condition, {}),
    evidence: lines.join('\n'),
    reports: [],
    figures: {},
  }
}

function measuredWords(said: readonly Approval[], yes: number, quorum: number): string {
  const no = said.find((approval) => !approval.yes)
  if (no !== undefined) return `${personOf(no.by) ?? no.by} said no${no.why === '' ? '' : `: ${no.why}`}`
  if (said.length === 0) return 'nobody has decided yet'
  return quorum === 1 ? `approved by ${personOf(said[0]!.by) ?? said[0]!.by}` : `${yes} of ${quorum} said yes`
}

export interface ApprovalOf {
  readonly index: number
  readonly condition: ConditionOf<'approval'>
}

const isApproval = (condition: Condition): condition is ConditionOf<'approval'> =>
  condition.kind === 'approval'

/** How many yes are still waited for once that person has said yes to all they may: of others, or of people with a say of their own. */
export function missingAfterYes(spec: GateSpec, record: GateRecord, person: string | null): number {
  return waitingApprovals(spec, record).reduce((sum, { index, condition }) => {
    const said = record.approvals.filter((approval) => approval.condition === index && approval.yes)
    const isOpen =
      person !== null &&
      mayDecide(condition.by, person) &&
      !said.some(({ by }) => isSamePerson(personOf(by) ?? by, person))
    return sum + Math.max(0, condition.quorum - said.length - (isOpen ? 1 : 0))
  }, 0)
}

/** The approvals that a gate waits for. */
export function waitingApprovals(spec: GateSpec, record: GateRecord): readonly ApprovalOf[] {
  if (record.state !== 'waiting') return []
  return spec.conditions.flatMap((condition, index) =>
    isApproval(condition) && record.results[index]?.state === 'waiting' ? [{ index, condition }] : [],
  )
}
