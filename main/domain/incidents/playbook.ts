import type { TaskSpec } from '../project.ts'
import type { Severity } from './policy.ts'

/** What is done about incidents of a kind: data, written in the project file. */
export interface Playbook {
  readonly name: string
  readonly title: string
  readonly match: PlaybookMatch
  /** Agents of all runs under way are told. */
  readonly broadcast: boolean
  /** Done at once by several agents, as one run; the target is put in when the incident has one. */
  readonly checks: readonly TaskSpec[]
  readonly diagnosis: readonly CauseRow[]
  readonly remedies: readonly Remedy[]
  /** Beside the target's own verification, after a remedy. */
  readonly verify: readonly TaskSpec[]
  /** Confidence, 0 to 1, from which on a cause is acted on without a person where that is allowed. */
  readonly enough: number
}

/** All that is named has to fit. */
export interface PlaybookMatch {
  /** Null: any. */
  readonly severity: readonly Severity[] | null
  /** Labels of an alert; `*` stands for anything. Empty: those raised otherwise fit too. */
  readonly labels: Readonly<Record<string, string>>
  readonly target: readonly string[] | null
}

/** A line of the diagnosis table: which findings speak for a cause, which against it, how much. */
export interface CauseRow {
  /** `bad_migration` */
  readonly cause: string
  readonly title: string
  /** Without all of these it is no candidate. */
  readonly needs: readonly Sign[]
  readonly signs: readonly WeightedSign[]
  readonly against: readonly WeightedSign[]
}

/** A check whose finding says one of these words. */
export interface Sign {
  /** Null: any check. */
  readonly check: string | null
  readonly says: readonly string[]
}

export interface WeightedSign extends Sign {
  /** 0 to 1: how much a finding of full confidence counts. */
  readonly weight: number
}

/** What may be done about a cause. */
export interface Remedy {
  /** Null: offered whatever the cause. */
  readonly cause: string | null
  readonly title: string
  readonly act: RemedyAct
  readonly approval: 'person' | 'automatic'
  /** What it cannot take back, in words. */
  readonly irreversible: readonly string[]
}

export type RemedyAct =
  | { readonly do: 'rollback' }
  | { readonly do: 'restart' }
  | { readonly do: 'epic'; readonly epic: string }
  | { readonly do: 'task'; readonly task: TaskSpec }

/** The act that usual words for it mean: `roll back`, `restart containers`. */
export function actOfWords(words: string): RemedyAct | undefined {
  const plain = words.trim().toLowerCase()
  if (/^roll(?:ing)?[ _-]?back\b/.test(plain)) return { do: 'rollback' }
  if (/^restart\b/.test(plain)) return { do: 'restart' }
  const epic = /^(?:run |epic )\s*([A-Za-z0-9][A-Za-z0-9_.-]{0,63})$/.exec(words.trim())?.[1]
  return epic === undefined ? undefined : { do: 'epic', epic }
}

/** How a choice is named in a decision: stable for one playbook. */
export function choiceOf(act: RemedyAct): string {
  switch (act.do) {
    case 'rollback':
    case 'restart':
      return act.do
    case 'epic':
      return `epic:${act.epic}`
    case 'task':
      return `task:${act.task.id}`
  }
}

export interface Matched {
  readonly severity: Severity
  readonly target: string | null
  readonly labels: Readonly<Record<string, string>>
}

export function findPlaybook(playbooks: readonly Playbook[], incident: Matched): Playbook | undefined {
  return playbooks.find(({ match }) => {
    if (match.severity !== null && !match.severity.includes(incident.severity)) return false
    if (match.target !== null && (incident.target === null || !match.target.includes(incident.target)))
      return false
    return Object.entries(match.labels).every(
      ([name, pattern]) => Object.hasOwn(incident.labels, name) && fits(incident.labels[name]!, pattern),
    )
  })
}

/** `*` stands for anything; no pattern takes longer than its length times that of the text. */
export function fits(text: string, pattern: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return text === pattern
  const [first, last] = [parts[0]!, parts.at(-1)!]
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
