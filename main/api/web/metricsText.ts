import { isActive } from '../../domain/incidents/incident.ts'
import { SEVERITIES } from '../../domain/incidents/policy.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import { RUN_STATUSES, TASK_STATES } from '../../domain/states.ts'
import { TARGET_STATES } from '../../domain/targets/target.ts'
import type { ProjectVitals, Vitals } from '../../engine/vitals.ts'

/** What Prometheus scrapes, as text (exposition format 0.0.4). docs/health.md says what each figure is. */

type Labels = Readonly<Record<string, string>>
type Point = readonly [labels: Labels, value: number | null]

interface Family {
  readonly name: string
  readonly help: string
  readonly points: readonly Point[]
}

export function metricsText(vitals: Vitals, state: State): string {
  return [...agentFamilies(vitals), ...hostFamilies(vitals), ...stateFamilies(vitals, state)]
    .map(written)
    .join('')
}

function written({ name, help, points }: Family): string {
  const lines = points.flatMap(([labels, value]) =>
    value === null ? [] : [`${name}${labelsText(labels)} ${Number.isFinite(value) ? value : 'NaN'}\n`],
  )
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** All roles together have none. */
function byRole(
  { projects }: Vitals,
  points: (labels: Labels, figures: ProjectVitals['figures'][number]) => readonly Point[],
): readonly Point[] {
  return projects.flatMap(({ name, figures }) =>
    figures.flatMap((one) => points({ project: name, role: one.role ?? '' }, one)),
  )
}

function agentFamilies(vitals: Vitals): readonly Family[] {
  const names = new Map(vitals.projects.map(({ project, name }) => [project, name] as const))
  const seconds = (ms: number): number => ms / 1_000
  return [
    {
      name: 'agent_task_completion_rate',
      help: 'Tasks completed over tasks settled in the window, 0 to 1.',
      points: byRole(vitals, (labels, { completionRate }) => [[labels, completionRate]]),
    },
    {
      name: 'agent_error_frequency',
      help: 'Attempts that ended in error over attempts that ended in the window, 0 to 1.',
      points: byRole(vitals, (labels, { errorFrequency }) => [[labels, errorFrequency]]),
    },
    {
      name: 'agent_response_latency',
      help: 'Seconds from being given work to running, by percentile of the window.',
      points: byRole(vitals, (labels, { latency }) =>
        latency === null
          ? []
          : [
              [{ ...labels, percentile: '50' }, seconds(latency.p50)],
              [{ ...labels, percentile: '95' }, seconds(latency.p95)],
            ],
      ),
    },
    {
      name: 'agent_resource_usage',
      help: 'What agents at work use now: cores, bytes of memory.',
      points: byRole(vitals, (labels, { usage }) => [
        [{ ...labels, resource: 'cpu' }, usage.cores],
        [{ ...labels, resource: 'memory' }, usage.memoryBytes],
      ]),
    },
    {
      name: 'amphitheatre_agents_at_work',
      help: 'Agents running now.',
      points: byRole(vitals, (labels, { usage }) => [[labels, usage.agents]]),
    },
    {
      name: 'amphitheatre_agent_heartbeat_age_seconds',
      help: 'Since the last sign of life of an agent at work.',
      points: vitals.agents.map(({ attempt, project, role, quietMs }) => [
        { project: names.get(project) ?? project, role, agent: attempt },
        seconds(quietMs),
      ]),
    },
  ]
}

function hostFamilies({ host, at }: Vitals): readonly Family[] {
  const { memoryUsed, load, diskFreeBytes, reachable } = host
  const one = (name: string, help: string, value: number | null): Family => ({
    name,
    help,
    points: [[{}, value]],
  })
  return [
    one(
      'amphitheatre_health_checked_timestamp_seconds',
      'When health was last looked at.',
      at === null ? null : at / 1_000,
    ),
    one('amphitheatre_host_memory_used_ratio', 'Memory in use, 0 to 1.', memoryUsed),
    one('amphitheatre_host_load_ratio', 'Programs that want to run, for each core.', load),
    one('amphitheatre_disk_free_bytes', 'Free where the data folder lies.', diskFreeBytes),
    {
      name: 'amphitheatre_runner_reachable',
      help: 'Does what runs agents answer?',
      points: Object.entries(reachable).map(([runner, answers]) => [{ runner }, answers ? 1 : 0]),
    },
  ]
}

function stateFamilies({ projects }: Vitals, state: State): readonly Family[] {
  const known = [...state.projects.values()]
  const each = (points: (project: ProjectRecord, labels: Labels) => readonly Point[]): readonly Point[] =>
    known.flatMap((project) => points(project, { project: project.name }))
  return [
    {
      name: 'amphitheatre_runs',
      help: 'Runs in live state, by status.',
      points: each(({ id }, labels) => {
        const runs = [...state.runs.values()].filter(({ project }) => project === id)
        return RUN_STATUSES.map((status) => [
          { ...labels, status },
          runs.filter((run) => run.status === status).length,
        ])
      }),
    },
    {
      name: 'amphitheatre_tasks',
      help: 'Tasks of runs in live state, by state.',
      points: each(({ id }, labels) => {
        const counts = tasksOf(state, id)
        return TASK_STATES.map((name) => [{ ...labels, state: name }, counts.get(name) ?? 0])
      }),
    },
    {
      name: 'amphitheatre_incidents',
      help: 'Incidents that are not over, by severity.',
      points: each(({ incidents }, labels) =>
        SEVERITIES.map((severity) => [
          { ...labels, severity },
          incidents.filter((one) => one.severity === severity && isActive(one)).length,
        ]),
      ),
    },
    {
      name: 'amphitheatre_target_state',
      help: 'One for the state a target is in.',
      points: each(({ targets }, labels) =>
        Object.values(targets).flatMap(({ spec, state: now }) =>
          TARGET_STATES.map(
            (name): Point => [{ ...labels, target: spec.name, state: name }, name === now ? 1 : 0],
          ),
        ),
      ),
    },
    {
      name: 'amphitheatre_agents_limit',
      help: 'Agents at once at most while resources are short.',
      points: projects.map(({ name, slots }) => [{ project: name }, slots?.agents ?? null]),
    },
    {
      name: 'amphitheatre_health_alarms',
      help: 'Measures that are bad now.',
      points: projects.map(({ name, alarms }) => [{ project: name }, alarms.length]),
    },
    {
      name: 'amphitheatre_schedule_next_timestamp_seconds',
      help: 'When it is due next.',
      points: each(({ schedules }, labels) =>
        Object.values(schedules.items).map(({ spec, next }) => [
          { ...labels, schedule: spec.name },
          next === null ? null : next / 1_000,
        ]),
      ),
    },
  ]
}

function tasksOf(state: State, project: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const run of state.runs.values()) {
    if (run.project !== project) continue
    for (const task of run.tasks) counts.set(task.state, (counts.get(task.state) ?? 0) + 1)
  }
  return counts
}
