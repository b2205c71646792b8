import {
  type Approvers,
  COVERAGE_METRICS,
  type Condition,
  type GateSpec,
  type Severity,
} from '../domain/gates/gate.ts'
import { DEFAULT_LIMITS } from '../domain/project.ts'
import { presetCondition, presetTitle } from './gatePresets.ts'
import type { ConditionInputs, GateInputs } from './schema/gates.ts'
import type { ProjectFile } from './schema/project.ts'

/** The gates of a project: its own, and those of `component_gates` that it has none of its own for. */
export function gatesOf(input: ProjectFile): readonly GateSpec[] {
  const own = Object.entries(input.gates ?? {})
  const people = input.people ?? {}
  const presets = Object.entries(input.component_gates ?? {})
    .filter(([name, lines]) => !own.some(([other]) => other === name) && lines.length > 0)
    .map(([name, lines]): [string, GateInputs] => {
      const conditions = lines.map((line) => presetCondition(name, line, people))
      return [name, { title: presetTitle(name), conditions }]
    })
  const timeoutMs = input.limits?.max_runtime ?? DEFAULT_LIMITS.maxRuntimeMs
  return [...own, ...presets].map(([name, gate]) => buildGate(name, gate, { people, timeoutMs }))
}

interface Around {
  readonly people: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

function buildGate(name: string, gate: GateInputs, around: Around): GateSpec {
  const { title = name, conditions, fail_on: failOn = 'high', may_skip: maySkip } = gate
  return {
    name,
    title,
    conditions: conditions.map((condition) => buildCondition(condition, failOn, around)),
    maySkip: maySkip === undefined ? null : approversOf(maySkip, around.people),
  }
}

export const ANYBODY = 'any'

/** An authority by who holds it, a person by name; undefined for neither. */
export function holdersOf(
  by: string,
  people: Readonly<Record<string, string>>,
): readonly string[] | null | undefined {
  if (by === ANYBODY || by === 'person') return null
  if (Object.hasOwn(people, by)) return [people[by]!]
  return Object.values(people).includes(by) ? [by] : undefined
}

function approversOf(by: string, people: Readonly<Record<string, string>>): Approvers {
  return { authority: by, people: holdersOf(by, people) ?? null }
}

const listOf = (globs: string | readonly string[]): readonly string[] =>
  typeof globs === 'string' ? [globs] : globs

function dropOf(noDrop: boolean | number | undefined): number | null {
  if (noDrop === undefined || noDrop === false) return null
  return noDrop === true ? 0 : noDrop
}

function buildCondition(input: ConditionInputs, gateFailOn: Severity, around: Around): Condition {
  if ('approval' in input) {
    const { by = ANYBODY, quorum = 1, text = '' } = input.approval
    return { kind: 'approval', title: text, by: approversOf(by, around.people), quorum }
  }
  const title = input.title ?? ''
  if ('junit' in input) {
    const { junit, min_tests: minTests = 1, no_drop } = input
    return { kind: 'junit', title, reports: listOf(junit), minTests, mayDrop: dropOf(no_drop) }
  }
  if ('coverage' in input) return { ...buildCoverage(input.coverage), title }
  if ('sarif' in input)
    return { kind: 'sarif', title, reports: listOf(input.sarif), failOn: input.fail_on ?? gateFailOn }
  if ('trivy' in input)
    return { kind: 'trivy', title, reports: listOf(input.trivy), failOn: input.fail_on ?? gateFailOn }
  if ('files' in input) return { kind: 'files', title, globs: input.files }
  if ('absent' in input) return { kind: 'absent', title, globs: input.absent }
  if ('contains' in input) {
    const { file, text, pattern } = input.contains
    return { kind: 'contains', title, file, wanted: text === undefined ? { pattern: pattern! } : { text } }
  }
  const { run, image = null, network = 'none', timeout = around.timeoutMs } = input
  return { kind: 'command', title, run, image, network, timeoutMs: timeout }
}

function buildCoverage(
  input: Extract<ConditionInputs, { coverage: unknown }>['coverage'],
): Omit<Extract<Condition, { kind: 'coverage' }>, 'title'> {
  const floors = Object.fromEntries(
    COVERAGE_METRICS.flatMap((metric) => (input[metric] === undefined ? [] : [[metric, input[metric]]])),
  )
  return {
    kind: 'coverage',
    format: input.lcov === undefined ? 'cobertura' : 'lcov',
    reports: listOf(input.lcov ?? input.cobertura!),
    floors,
    mayDrop: dropOf(input.no_drop),
  }
}
