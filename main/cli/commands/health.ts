import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { HealthFigures } from '../../domain/health/figures.ts'
import { personNeeds } from '../../domain/health/person.ts'
import { type Success, successOf } from '../../domain/health/success.ts'
import { measureWords, percent } from '../../domain/health/words.ts'
import type { State } from '../../domain/state.ts'
import type { AgentVitals, HostReading, ProjectVitals, Vitals } from '../../engine/vitals.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { agents } from '../healthLine.ts'
import { holderName } from '../holderName.ts'
import { restoreTestFacts, restoreTestLines } from '../restoreTestLine.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { minute } from './look.ts'
import { nextRuns } from './schedules.ts'

/** `amphi health`: figures against their targets, what is short, what was done by itself, what comes next. */
export async function health(context: Context, options: { readonly project?: string }): Promise<ExitCode> {
  return withReader(context, async (center, running) => {
    const { out } = context
    const [vitals, state] = await Promise.all([center.vitals(), currentState(center)])
    const wanted =
      options.project === undefined ? undefined : theProject(state, context.cwd, options.project).id
    const shown = vitals.projects.filter(({ project }) => wanted === undefined || project === wanted)
    if (out.json) {
      const projects = shown.map((one) => ({
        ...one,
        success: successFor(state, one),
        needs: personNeeds(state, state.projects.get(one.project)!),
        restoreTests: restoreTestFacts(state.projects.get(one.project)!),
      }))
      await out.object({ type: 'health', engine: running ?? null, ...vitals, projects })
      return EXIT.done
    }
    if (running === undefined) await out.line('No engine is running; this is what is on record.')
    for (const line of machineLines(context, vitals)) await out.line(line)
    for (const one of shown) {
      await out.line()
      for (const line of projectLines(context, one, state)) await out.line(line)
      for (const line of agentLines(context, vitals.agents, one, state)) await out.line(line)
    }
    return EXIT.done
  })
}

function successFor(state: State, project: ProjectVitals): readonly Success[] {
  const completionRate = project.figures[0]?.completionRate ?? null
  const { escalationRate } = project
  return successOf(state, project.project, { completionRate, escalationRate }, Date.now())
}

function machineLines({ out }: Context, { host, at }: Vitals): readonly string[] {
  if (at === null)
    return [out.style.muted('Nothing was looked at yet; the first look is half a minute after the start.')]
  const told = hostWords(host)
  return [`${out.style.strong('Machine')}  ${told.join(', ')}`]
}

function hostWords({ memoryUsed, load, diskFreeBytes, reachable }: HostReading): readonly string[] {
  return [
    ...(memoryUsed === null ? [] : [measureWords('host_memory_used', memoryUsed)]),
    ...(load === null ? [] : [measureWords('host_load', load)]),
    ...(diskFreeBytes === null ? [] : [measureWords('host_disk_free', diskFreeBytes)]),
    ...Object.entries(reachable)
      .filter(([kind]) => kind !== 'target')
      .map(([kind, answers]) => `${kind} ${answers ? 'answers' : 'does not answer'}`),
  ]
}

const FIGURES = [
  { title: 'ROLE', shrinks: true },
  { title: 'COMPLETED', right: true },
  { title: 'ERRORS', right: true },
  { title: 'BEGIN IN', right: true },
  { title: 'AT WORK', right: true },
  { title: 'CORES', right: true },
  { title: 'MEMORY', right: true },
] as const

function projectLines(context: Context, project: ProjectVitals, state: State): readonly string[] {
  const { style, columns } = context.out
  const { name, windowMs, figures, alarms, slots, actions } = project
  const lines = [`${style.strong(plain(name))}  ${style.muted(`the last ${formatDuration(windowMs)}`)}`]
  if (figures.length > 0) lines.push(...table(FIGURES, figures.map(figureRow), style, columns()))
  const success = successFor(state, project).filter(({ value }) => value !== null)
  if (success.length > 0)
    lines.push(`Targets  ${success.map((one) => successWords(context, one)).join('; ')}`)
  const record = state.projects.get(project.project)!
  for (const need of personNeeds(state, record))
    lines.push(`${style.glyph('needs-you')} needs you: ${plain(need.text)}`)
  for (const { measure, role, value } of alarms)
    lines.push(
      `${style.glyph('failed')} ${role === null ? '' : `${plain(role)}: `}${measureWords(measure, value)}`,
    )
  if (slots !== null)
    lines.push(`${style.glyph('waiting')} ${agents(slots.agents)} at once at most: ${plain(slots.reason)}`)
  for (const { at, action, reason } of actions.slice(-5))
    lines.push(style.muted(`${minute(at)}  ${ACTIONS[action]}: ${plain(reason)}`))
  lines.push(...restoreTestLines(context, record), ...nextRuns(context, record))
  return lines
}

const ACTIONS = { 'fewer-agents': 'fewer agents', 'more-agents': 'more agents', paused: 'paused' } as const

function figureRow(of: HealthFigures): readonly string[] {
  const { role, completionRate, errorFrequency, latency, usage } = of
  const told = (share: number | null): string => (share === null ? '–' : percent(share))
  return [
    role === null ? 'all' : plain(role),
    told(completionRate),
    told(errorFrequency),
    latency === null ? '–' : formatDuration(latency.p95),
    String(usage.agents),
    usage.agents === 0 ? '–' : usage.cores.toFixed(2),
    usage.agents === 0 ? '–' : formatBytes(usage.memoryBytes),
  ]
}

function successWords({ out: { style } }: Context, { measure, value, least, most, met }: Success): string {
  const words = (n: number): string => (measure === 'efficiency' ? `${Math.round(n * 10) / 10}×` : percent(n))
  const bounds =
    least !== null && most !== null
      ? `${words(least)} to ${words(most)}`
      : least !== null
        ? `at least ${words(least)}`
        : `at most ${words(most!)}`
  const mark = met === true ? style.glyph('done') : style.glyph('needs-you')
  return `${mark} ${measure} ${words(value!)} ${style.muted(`(${bounds})`)}`
}

function agentLines(
  { out: { style } }: Context,
  all: readonly AgentVitals[],
  { project }: ProjectVitals,
  state: State,
): readonly string[] {
  return all
    .filter((agent) => agent.project === project)
    .map(({ attempt, quietMs }) =>
      style.muted(`${plain(holderName(state, attempt))}  last sign of life ${formatDuration(quietMs)} ago`),
    )
}
