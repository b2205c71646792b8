import { roleName, taskId } from '../domain/ids.ts'
import {
  actOfWords,
  type CauseRow,
  type Playbook,
  type Remedy,
  type RemedyAct,
  type WeightedSign,
} from '../domain/incidents/playbook.ts'
import {
  DEFAULT_INCIDENTS,
  type IncidentLevels,
  type IncidentPolicy,
  SEVERITIES,
  type Severity,
} from '../domain/incidents/policy.ts'
import { titleOf } from '../domain/incidents/words.ts'
import { DEFAULT_RESOURCES, DEFAULT_RETRY, type TaskSpec } from '../domain/project.ts'
import type { CheckInput, PlaybookInput, RemedyInput } from './schema/incidents.ts'
import type { ProjectFile } from './schema/project.ts'

/** What the project says about incidents, with the playbooks of its presets after its own. */
export function incidentPolicy(
  input: ProjectFile,
  presets: Readonly<Record<string, PlaybookInput>>,
): IncidentPolicy {
  const { incidents = {}, playbooks = {} } = input
  const all = {
    ...playbooks,
    ...Object.fromEntries(Object.entries(presets).filter(([name]) => !(name in playbooks))),
  }
  const severities = Object.entries(incidents.severities ?? {}).map(
    ([word, to]) => [word.toLowerCase(), to] as const,
  )
  return {
    levels: levelsOf(input),
    playbooks: Object.entries(all).map(([name, playbook]) => buildPlaybook(name, playbook)),
    stormMs: incidents.storm_window ?? DEFAULT_INCIDENTS.stormMs,
    reopenMs: incidents.reopen_within ?? DEFAULT_INCIDENTS.reopenMs,
    severities: { ...DEFAULT_INCIDENTS.severities, ...Object.fromEntries(severities) },
    targetLabels: incidents.target_labels ?? DEFAULT_INCIDENTS.targetLabels,
  }
}

/** `P0_critical` is P0; what the block leaves out is as the framework has it. */
function levelsOf(input: ProjectFile): IncidentLevels {
  const levels: Record<Severity, IncidentLevels[Severity]> = { ...DEFAULT_INCIDENTS.levels }
  for (const [name, level] of Object.entries(input.incident_levels ?? {})) {
    const severity = SEVERITIES.find((one) => name === one || name.startsWith(`${one}_`))
    if (severity === undefined) continue
    const known = levels[severity]
    levels[severity] = {
      description: level.description ?? known.description,
      responseMs: level.response_time,
      authority: level.authority ?? known.authority,
      coordination: level.coordination ?? known.coordination,
    }
  }
  return levels
}

function buildPlaybook(name: string, input: PlaybookInput): Playbook {
  const { match = {}, approval = 'person' } = input
  return {
    name,
    title: input.title ?? titleOf(name),
    match: {
      severity: match.severity === undefined ? null : [match.severity].flat(),
      labels: match.labels ?? {},
      target: match.target === undefined ? null : [match.target].flat(),
    },
    broadcast: input.broadcast ?? true,
    checks: (input.checks ?? []).map((check) => buildCheck(check, true)),
    diagnosis: (input.diagnosis ?? []).map(buildRow),
    remedies: Object.entries(input.remedies ?? {}).map(([cause, remedy]) =>
      buildRemedy(cause, typeof remedy === 'string' ? { do: remedy } : remedy, approval),
    ),
    verify: (input.verify ?? []).map((check) => buildCheck(check, false)),
    enough: input.enough ?? 0.8,
  }
}

function buildRow({
  cause,
  title,
  needs = [],
  signs,
  against = [],
}: NonNullable<PlaybookInput['diagnosis']>[number]): CauseRow {
  return {
    cause,
    title: title ?? titleOf(cause),
    needs: needs.map(({ check, says }) => ({ check: check ?? null, says: [says].flat() })),
    signs: signs.map(signOf),
    against: against.map(signOf),
  }
}

function signOf({
  check,
  says,
  weight,
}: {
  check?: string | undefined
  says: string | string[]
  weight?: number | undefined
}): WeightedSign {
  return { check: check ?? null, says: [says].flat(), weight: weight ?? 0.5 }
}

function buildRemedy(cause: string, input: RemedyInput, approval: Remedy['approval']): Remedy {
  const act: RemedyAct =
    input.run === undefined
      ? actOfWords(input.do!)!
      : {
          do: 'task',
          task: {
            ...buildCheck({ ...input, id: `mend-${cause}`, run: input.run }, false),
            kind: 'work',
            onLost: 'ask',
          },
        }
  return {
    cause: cause === 'any' ? null : cause,
    title: input.title ?? titleOf(input.do ?? `mend ${cause}`),
    act,
    approval: input.approval ?? approval,
    irreversible: input.irreversible ?? [],
  }
}

const CHECK_MS = 120_000

/** A check changes nothing, so that it may be tried again; what one comes to decides nothing about the others. */
function buildCheck(
  input: Omit<CheckInput, 'inspect'> & { readonly inspect?: CheckInput['inspect'] },
  allowFailure: boolean,
): TaskSpec {
  const { id, title, agent, inspect, run = '', env = {} } = input
  return {
    id: taskId(id),
    title: title ?? titleOf(id),
    phase: 0,
    kind: 'check',
    role: agent === undefined ? null : roleName(agent),
    skills: [],
    run,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    image: input.image ?? null,
    network: input.network ?? 'run',
    workspace: input.workspace ?? 'none',
    needs: [],
    needsSoft: [],
    reads: [],
    writes: [],
    uses: [],
    ...(inspect === undefined ? {} : { action: { do: 'inspect', what: inspect } as const }),
    priority: 0,
    points: null,
    dueMs: null,
    timeoutMs: input.timeout ?? CHECK_MS,
    retry: DEFAULT_RETRY,
    allowFailure,
    onLost: 'retry',
    resources: DEFAULT_RESOURCES,
  }
}
