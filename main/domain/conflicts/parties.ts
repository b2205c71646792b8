import { type ProjectId, parseAttemptId } from '../ids.ts'
import { planIndex } from '../plan.ts'
import { isAtWork, isOver } from '../registered/registered.ts'
import type { Attempt, Run, State } from '../state.ts'

/** Who a holder of locks is, as far as conflicts have to know. */
export interface PartyInfo {
  readonly holder: string
  /** For people: the task, or what it is called. */
  readonly name: string
  /** 0 first, 5 last. */
  readonly priority: number
  /** When it began, or was assigned. */
  readonly since: number
  /** Not over yet. */
  readonly live: boolean
  /** Live, and cannot begin before others give up what they hold. */
  readonly blocked: boolean
}

export interface PartyAttempt {
  readonly run: Run
  readonly task: number
  readonly attempt: Attempt
}

/** The attempt of a holder while it is under way. */
export function liveAttempt(state: State, holder: string): PartyAttempt | undefined {
  const parts = parseAttemptId(holder)
  const run = parts === undefined ? undefined : state.runs.get(parts.run)
  const task = run === undefined ? undefined : planIndex(run.plan).byId.get(parts!.task)
  const attempt = task === undefined ? undefined : run!.tasks.get(task)!.current
  return attempt?.n === parts?.attempt && attempt !== null && attempt !== undefined
    ? { run: run!, task: task!, attempt }
    : undefined
}

/** `project`: whose it is, which one that was started by hand does not say itself. */
export function partyInfo(state: State, holder: string, project?: ProjectId): PartyInfo {
  const live = liveAttempt(state, holder)
  if (live !== undefined) {
    const { run, task, attempt } = live
    const { id, priority } = run.plan.tasks[task]!
    const since = attempt.startedAt ?? attempt.assignedAt
    return { holder, name: id, priority, since, live: true, blocked: attempt.state === 'BLOCKED' }
  }
  const byHand = project === undefined ? undefined : state.projects.get(project)?.registered[holder]
  if (byHand !== undefined && !isOver(byHand)) {
    const { id, priority, startedAt, registeredAt } = byHand
    const since = startedAt ?? registeredAt
    return { holder, name: id, priority, since, live: true, blocked: !isAtWork(byHand) }
  }
  const over = { priority: 6, since: Number.POSITIVE_INFINITY, live: false, blocked: false }
  return { holder, name: nameOfHolder(holder), ...over }
}

export function nameOfHolder(holder: string): string {
  return parseAttemptId(holder)?.task ?? holder
}

export function isLive(state: State, holder: string, project?: ProjectId): boolean {
  return partyInfo(state, holder, project).live
}

/** The better claim first: what is merged already, the higher priority, the earlier start. */
export function byClaim(state: State, parties: readonly string[], project?: ProjectId): readonly string[] {
  const infos = parties.map((holder) => partyInfo(state, holder, project))
  const over = (info: PartyInfo): number => (info.live ? 1 : 0)
  return infos
    .sort((a, b) => over(a) - over(b) || a.priority - b.priority || a.since - b.since)
    .map(({ holder }) => holder)
}

/** It is at work and reads its messages. */
export function hears(attempt: Attempt): boolean {
  return (attempt.state === 'RUNNING' || attempt.state === 'CONFLICT') && attempt.exitedAt === null
}
