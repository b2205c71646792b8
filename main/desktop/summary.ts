import type { Place } from '../../preload/contract.ts'
import type { RunId } from '../domain/ids.ts'
import { calledFor } from '../domain/incidents/news.ts'
import type { Attention, Run, State } from '../domain/state.ts'
import { type IncidentEntry, worstIncident } from '../notices/incidentEntry.ts'
import {
  needsYou as countNeeds,
  isAsking,
  placeOfAttention,
  preferredRun,
  runName,
} from '../notices/needs.ts'

/** What the tray, the badge and quitting need to know: worked out anew from each state, kept nowhere else. */
export interface DesktopSummary {
  readonly look: Look
  /** Agents at work, paused ones too. */
  readonly agents: number
  /** Runs that have not ended, oldest first. */
  readonly open: readonly OpenRun[]
  /** Questions that wait for a person. */
  readonly needsYou: number
  /** The question asked last; null when there is none. */
  readonly newest: Question | null
  /** The worst that is not over; null when there is none. */
  readonly incident: IncidentEntry | null
  /** The run the pages show when none is named; null when there is none. */
  readonly preferred: RunId | null
}

/**
 * One at a time, the gravest: `incident` is what was to be looked at by now and cannot wait: priority-0 work over its
 * time, an incident of P0 or not acknowledged in time, or no engine.
 */
export const LOOKS = ['idle', 'running', 'needs-you', 'incident'] as const
export type Look = (typeof LOOKS)[number]

export interface OpenRun {
  readonly run: RunId
  readonly name: string
  readonly paused: boolean
  readonly stopping: boolean
  readonly agents: number
}

export interface Question {
  readonly run: RunId
  readonly id: string
  readonly text: string
  readonly choices: readonly string[]
  readonly since: number
  readonly place: Place
}

export const NOTHING: DesktopSummary = {
  look: 'idle',
  agents: 0,
  open: [],
  needsYou: 0,
  newest: null,
  incident: null,
  preferred: null,
}

export function desktopSummary(state: State): DesktopSummary {
  const open: OpenRun[] = []
  let agents = 0
  let newest: Question | null = null
  let urgent = false
  for (const run of state.runs.values()) {
    if (run.endedAt === null) {
      open.push(openRun(run))
      agents += run.counts.active
    }
    for (const item of run.attention) {
      if (item.kind === 'p0-over-time' && run.endedAt === null) urgent = true
      if (isAsking(item) && (newest === null || item.since >= newest.since)) newest = question(run, item)
    }
  }
  const needsYou = countNeeds(state)
  const called = calledFor(state)
  const look =
    urgent || called.urgent ? 'incident' : needsYou > 0 ? 'needs-you' : agents > 0 ? 'running' : 'idle'
  return {
    look,
    agents,
    open,
    needsYou,
    newest,
    incident: worstIncident(state),
    preferred: preferredRun(state),
  }
}

function openRun(run: Run): OpenRun {
  return {
    run: run.id,
    name: runName(run),
    paused: run.paused,
    stopping: run.stop !== null || run.status === 'stopping',
    agents: run.counts.active,
  }
}

function question(run: Run, item: Attention): Question {
  const { id, text, choices, since } = item
  return { run: run.id, id, text, choices, since, place: placeOfAttention(run, item) }
}
