import type { Report } from '../commands.ts'
import { hold } from '../conflicts/holding.ts'
import { nameOfHolder } from '../conflicts/parties.ts'
import { openConflict, raiseConflict } from '../conflicts/raising.ts'
import { closeConflict, settle } from '../conflicts/settling.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { matchesGlob } from '../locks/glob/matchGlob.ts'
import { parseGlob } from '../locks/glob/parseGlob.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { Attempt, Run } from '../state.ts'
import { advance, returned } from './ruling.ts'
import { NO_STRAYS, type StrayPolicy } from './stray.ts'

type Of<T extends Report['type']> = Extract<Report, { type: T }>
export type StrayReport = Of<'report.strayed' | 'report.set-aside' | 'report.put-back'>

/** What the engine saw and did about files an agent wrote without being allowed to. */
export function decideStrays(draft: Draft, report: StrayReport, attempt: Attempt): Verdict {
  switch (report.type) {
    case 'report.strayed':
      return strayed(draft, report, attempt)
    case 'report.set-aside':
      return wasSetAside(draft, report, attempt)
    case 'report.put-back': {
      if (!attempt.effects.includes('work.put-back')) return reject('stale', 'nothing was being put back')
      returned(draft, holderOf(draft.run(report.run), report.task, attempt.n))
      return undefined
    }
  }
}

/** Where agents cannot be kept apart, nobody is held for what could be written around any hold. */
function policyFor(run: Run, isolated: boolean): StrayPolicy {
  return isolated ? (run.plan.strays ?? 'report') : 'report'
}

function strayed(draft: Draft, report: Of<'report.strayed'>, attempt: Attempt): Verdict {
  if (attempt.state !== 'RUNNING' || attempt.stopping !== null) return reject('stale', 'it is not running')
  const run = draft.run(report.run)
  const strays = attempt.strays ?? NO_STRAYS
  const paths = report.paths.filter((path) => !strays.tolerated.includes(path))
  if (paths.length === 0) return reject('stale', 'that is known')
  const policy = policyFor(run, report.isolated)
  const before = strays.open === null ? undefined : openConflict(draft, run.project, strays.open.conflict)
  const self = holderOf(run, report.task, attempt.n)
  const conflict = raiseConflict(draft, run.project, {
    cause: 'undeclared-write',
    parties: [...holdersOf(draft, run, self, paths), self],
    files: paths,
    text: wordsFor(draft, run, self, paths, policy),
    evidence: [],
    decided: policy === 'stop',
  })
  if (policy !== 'report') hold(draft, self, conflict)
  const isKnown = before?.id === conflict && paths.every((path) => before.files.includes(path))
  if (strays.open?.stage === 'taking' || isKnown) return undefined
  const at = { task: report.task, attempt: attempt.n, count: strays.count + 1 }
  draft.emitRun(run.id, { type: 'stray.seen', ...at, conflict, paths })
  return undefined
}

const MOST_HOLDERS = 3

/** Others who hold one of these paths, in any mode. */
function holdersOf(draft: Draft, run: Run, self: string, paths: readonly string[]): readonly string[] {
  const { grants, folded } = draft.state.projects.get(run.project)!.locks
  const holds = (on: string): boolean =>
    paths.some((path) => matchesGlob(parseGlob(on, folded), path.replace(/\/$/, '')))
  return grants
    .filter(
      ({ holder, locks }) => holder !== self && locks.some(({ kind, on }) => kind === 'files' && holds(on)),
    )
    .map(({ holder }) => holder)
    .slice(0, MOST_HOLDERS)
}

const NAMED = 3

function wordsFor(
  draft: Draft,
  run: Run,
  self: string,
  paths: readonly string[],
  policy: StrayPolicy,
): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  const wrote = `${nameOfHolder(self)} wrote ${paths.slice(0, NAMED).join(', ')}${more}`
  const [first] = holdersOf(draft, run, self, paths)
  const held = paths.filter(
    (path) => first !== undefined && holdersOf(draft, run, self, [path]).includes(first),
  )
  const why =
    first === undefined
      ? 'which it did not declare'
      : held.length === paths.length
        ? `which ${nameOfHolder(first)} holds`
        : `which it did not declare (${nameOfHolder(first)} holds ${held.slice(0, NAMED).join(', ')})`
  const then = { hold: 'it stands still', stop: 'it is stopped', report: 'it works on' }[policy]
  return `${wrote}, ${why}; ${then}`
}

function wasSetAside(draft: Draft, report: Of<'report.set-aside'>, attempt: Attempt): Verdict {
  const { open, count } = attempt.strays ?? NO_STRAYS
  if (!attempt.effects.includes('work.set-aside') || open === null || count !== report.count)
    return reject('stale', 'nothing was being set aside')
  const run = draft.run(report.run)
  const self = holderOf(run, report.task, attempt.n)
  const { commit, patch, paths, left } = report
  draft.emitRun(run.id, {
    type: 'stray.set-aside',
    task: report.task,
    attempt: attempt.n,
    count,
    commit,
    patch,
    paths: [...paths],
    left: left.map((one) => ({ ...one })),
  })
  const conflict = openConflict(draft, run.project, open.conflict)
  if (conflict === undefined) {
    advance(draft, self)
    return undefined
  }
  if (commit === null && left.length === 0) {
    returned(draft, self)
    closeConflict(draft, run.project, conflict, `what ${nameOfHolder(self)} wrote is gone again`)
    return undefined
  }
  raiseConflict(draft, run.project, {
    cause: 'undeclared-write',
    parties: conflict.parties,
    files: [...paths, ...left.map(({ path }) => path)],
    text: conflict.text,
    evidence: [{ holder: self, text: evidenceText(paths, left), patch }],
  })
  const isHeld = attempt.conflict?.id === conflict.id
  if (!isHeld || run.plan.strays !== 'stop') return undefined
  const grown = openConflict(draft, run.project, conflict.id)!
  return settle(draft, run.project, grown, { action: 'terminate', keep: null, by: 'engine' })
}

function evidenceText(
  paths: readonly string[],
  left: readonly { readonly path: string; readonly reason: string }[],
): string {
  const kept = paths.length === 0 ? [] : [`wrote ${paths.join(', ')}`]
  const stays = left.map(({ path, reason }) => `${path} stays where it is: ${reason}`)
  return [...kept, ...stays].join('; ')
}

/** What was written and is not committed is on record, though it is too late to ask anybody. */
export function strayedAtCommit(draft: Draft, report: Of<'report.committed'>, attempt: Attempt): void {
  const { patch } = report
  const tolerated = attempt.strays?.tolerated ?? []
  const paths = report.undeclared.filter((path) => !tolerated.includes(path))
  if (patch === null || paths.length === 0) return
  const run = draft.run(report.run)
  const self = holderOf(run, report.task, attempt.n)
  const text = `${nameOfHolder(self)} wrote ${paths.slice(0, NAMED).join(', ')}, which it did not declare; it is left out`
  const evidence = [{ holder: self, text: evidenceText(paths, []), patch }]
  const parties = [...holdersOf(draft, run, self, paths), self]
  const id = raiseConflict(draft, run.project, {
    cause: 'undeclared-write',
    parties,
    files: paths,
    text,
    evidence,
    decided: true,
  })
  const conflict = openConflict(draft, run.project, id)
  if (conflict !== undefined)
    settle(draft, run.project, conflict, { action: 'discard', keep: null, by: 'engine' })
}

/** It could not be set aside for good: it is on record as left where it is. */
export function asideFailed(draft: Draft, run: Run, task: number, attempt: Attempt, why: string): void {
  const { open, count } = attempt.strays ?? NO_STRAYS
  const left = (open?.paths ?? []).map((path) => ({ path, reason: why }))
  const at = { run: run.id, task, attempt: attempt.n, count }
  wasSetAside(draft, { type: 'report.set-aside', ...at, commit: null, patch: null, paths: [], left }, attempt)
}
