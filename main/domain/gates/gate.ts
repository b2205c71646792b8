import type { ImageSpec, NetworkPolicy } from '../project.ts'

/**
 * What has to hold before work is merged, the next phase begins or a deployment starts. Frozen into the plan of every
 * run that names it.
 */
export interface GateSpec {
  readonly name: string
  readonly title: string
  /** At least one. */
  readonly conditions: readonly Condition[]
  /** Who may let it pass unmet, saying why; null: nobody. */
  readonly maySkip: Approvers | null
}

/** Who may say yes. */
export interface Approvers {
  /** As the project names them: `CISO`, `any`. */
  readonly authority: string
  /** Names of those who hold it; null: any person. */
  readonly people: readonly string[] | null
}

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const COVERAGE_METRICS = ['lines', 'branches', 'functions'] as const
export type CoverageMetric = (typeof COVERAGE_METRICS)[number]

const COVERAGE_FORMATS = ['lcov', 'cobertura'] as const
export type CoverageFormat = (typeof COVERAGE_FORMATS)[number]

export const FINDING_TOOLS = ['sarif', 'trivy'] as const
export type FindingTool = (typeof FINDING_TOOLS)[number]

/** What every condition has; `title` is what people read, empty where the condition says it best itself. */
interface Titled {
  readonly title: string
}

/** Globs are relative to the repository's root. */
export type Condition =
  | (Titled & {
      readonly kind: 'junit'
      readonly reports: readonly string[]
      /** Tests that must have run, skipped ones not counted. */
      readonly minTests: number
      /** Fewer tests may pass than when the gate last passed by so many; null: not looked at. */
      readonly mayDrop: number | null
    })
  | (Titled & {
      readonly kind: 'coverage'
      readonly format: CoverageFormat
      readonly reports: readonly string[]
      /** Percent. */
      readonly floors: Readonly<Partial<Record<CoverageMetric, number>>>
      /** Percentage points it may be below what it was when the gate last passed; null: not looked at. */
      readonly mayDrop: number | null
    })
  | (Titled & {
      readonly kind: FindingTool
      readonly reports: readonly string[]
      /** Findings of this severity or worse fail it. */
      readonly failOn: Severity
    })
  /** Each of the globs is met by a file. */
  | (Titled & { readonly kind: 'files'; readonly globs: readonly string[] })
  /** None of the globs is. */
  | (Titled & { readonly kind: 'absent'; readonly globs: readonly string[] })
  /** Every file of the glob, and at least one, holds this. */
  | (Titled & {
      readonly kind: 'contains'
      readonly file: string
      /** `pattern`: a regular expression, tried on every line. */
      readonly wanted: { readonly text: string } | { readonly pattern: string }
    })
  | (Titled & {
      readonly kind: 'command'
      /** Shell command, run by `sh -c` in a clone of the code; exit code 0 passes. */
      readonly run: string
      /** Null for the project's image. */
      readonly image: ImageSpec | null
      readonly network: NetworkPolicy
      readonly timeoutMs: number
    })
  | (Titled & {
      readonly kind: 'approval'
      readonly by: Approvers
      /** Persons who must say yes. One no is enough for a no. */
      readonly quorum: number
    })
export type ConditionKind = Condition['kind']
export type ConditionOf<K extends ConditionKind> = Extract<Condition, { kind: K }>

/** A report that was read. */
export interface ReportRead {
  readonly path: string
  /** sha256 of its content. */
  readonly hash: string
  readonly bytes: number
}

/** Most reports that are named with a result. */
export const MOST_REPORTS = 20
/** Most findings, failing tests or files that are named with a result. */
export const MOST_NAMED = 10
/** Longest words of evidence, in characters. */
export const MOST_EVIDENCE = 4_000

export interface Counted {
  readonly covered: number
  readonly total: number
}

/** What was found where a condition was looked at. What it means, `judge` says. */
export type Measurement =
  /** Nothing could be found out: a report is missing or cannot be read. Never passes. */
  | { readonly kind: 'unreadable'; readonly text: string }
  | {
      readonly kind: 'junit'
      readonly passed: number
      readonly failed: number
      readonly skipped: number
      /** Of the first failed ones. */
      readonly names: readonly string[]
    }
  | {
      readonly kind: 'coverage'
      /** Null: the report does not say. */
      readonly lines: Counted | null
      readonly branches: Counted | null
      readonly functions: Counted | null
    }
  | {
      readonly kind: 'findings'
      readonly counts: Readonly<Record<Severity, number>>
      /** Set aside by the tool itself, with a reason in its report. */
      readonly suppressed: number
      /** The worst first. */
      readonly first: readonly { readonly severity: Severity; readonly text: string }[]
    }
  /** Globs of `files` that no file meets, or files that meet those of `absent`. */
  | { readonly kind: 'paths'; readonly paths: readonly string[]; readonly more: number }
  | {
      readonly kind: 'contains'
      readonly files: number
      /** Files without it, the first of them. */
      readonly without: readonly string[]
    }
  /** How a command ended; `detail` has the end of its output where it failed. */
  | { readonly kind: 'command'; readonly passed: boolean; readonly detail: string }
  | { readonly kind: 'approval' }

export interface Measured {
  readonly found: Measurement
  readonly reports: readonly ReportRead[]
}

export const RESULTS = ['passed', 'failed', 'error', 'waiting'] as const
/** `error`: it could not be found out, which is no pass; `waiting`: for people. */
export type ResultState = (typeof RESULTS)[number]

export interface ConditionResult {
  readonly state: ResultState
  /** In words: `2 of 41 tests failed`. */
  readonly measured: string
  readonly wanted: string
  /** What it stands on, in words; may be empty. */
  readonly evidence: string
  readonly reports: readonly ReportRead[]
  /** Numbers that later evaluations are compared with. */
  readonly figures: Readonly<Record<string, number>>
}
