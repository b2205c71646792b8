import { chooseRunner, lookIn } from '../../desk/launch.ts'
import { configuration } from '../../desk/registration.ts'
import type { ClientCommand } from '../../domain/commands.ts'
import { MOST_ALERTS } from '../../domain/incidents/incidentCommands.ts'
import { SEVERITIES } from '../../domain/incidents/policy.ts'
import { incidentReport } from '../../domain/incidents/report.ts'
import { incidentBoard, incidentPage } from '../../domain/incidents/views.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { ensureProject } from '../hand/here.ts'
import { loadOrPreset } from '../loading.ts'
import { theProject } from '../talk/theProject.ts'
import { incidentLines, incidentTable } from './incidentLines.ts'

/** `amphi incident [VERB] [ID] [TEXT]` */

export interface IncidentOptions {
  readonly project?: string
  readonly severity?: string
  readonly target?: string
  readonly text?: string
  readonly point?: string
  readonly cause?: string
  readonly impact?: string
  readonly prevention?: string
  readonly done?: string
  readonly all?: boolean
}

const VERBS = [
  'list',
  'show',
  'open',
  'ack',
  'command',
  'comment',
  'merge',
  'decide',
  'close',
  'review',
  'report',
  'hook',
] as const
type Verb = (typeof VERBS)[number]

type Args = readonly (string | undefined)[]

export async function incident(
  context: Context,
  [verb = 'list', first, ...rest]: Args,
  options: IncidentOptions,
): Promise<ExitCode> {
  const known = VERBS.find((one) => one === verb)
  if (known === undefined)
    throw new CliError(`There is no "${verb}".`, `Write one of: amphi incident ${VERBS.join('|')}.`)
  const words = rest.filter((one) => one !== undefined).join(' ')
  switch (known) {
    case 'list':
      return list(context, options)
    case 'show':
    case 'report':
      return print(context, known, idOf(first, known), options)
    case 'open':
      return open(context, [first ?? '', words].join(' ').trim(), options)
    case 'hook':
      return hook(context, options)
    case 'decide':
      return words === 'rollback'
        ? goBack(context, idOf(first, known), options)
        : act(context, known, idOf(first, known), words, options)
    default:
      return act(context, known, idOf(first, known), words, options)
  }
}

function idOf(text: string | undefined, verb: string): string {
  const number = /^i?(\d+)$/.exec(text ?? '')?.[1]
  if (number !== undefined) return `i${number}`
  throw new CliError('Which incident?', `Name it: amphi incident ${verb} i1. \`amphi incident\` lists them.`)
}

async function list(context: Context, options: IncidentOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const { active, resolved, over } = incidentBoard(project)
    const shown = [...active, ...resolved, ...(options.all === true ? over : [])]
    if (context.out.json)
      for (const { playbook: _, ...one } of shown) await context.out.object({ project: project.id, ...one })
    else for (const line of incidentTable(context, project, shown)) await context.out.line(line)
    return active.length > 0 ? EXIT.needsPerson : EXIT.done
  })
}

async function print(
  context: Context,
  verb: 'show' | 'report',
  id: string,
  options: IncidentOptions,
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    const project = theProject(state, context.cwd, options.project)
    const page = incidentPage(state, project, id)
    if (page === undefined)
      throw new CliError(`There is no incident ${id}.`, '`amphi incident --all` lists them.')
    const markdown = incidentReport(page.incident)
    if (verb === 'report') {
      if (context.out.json) await context.out.object({ incident: id, report: page.incident.report, markdown })
      else for (const line of markdown.split('\n')) await context.out.line(line)
      return EXIT.done
    }
    const { run: _, ...told } = page
    if (context.out.json) await context.out.object({ project: project.id, ...told })
    else for (const line of incidentLines(context, page, state.time)) await context.out.line(line)
    return EXIT.done
  })
}

async function open(context: Context, title: string, options: IncidentOptions): Promise<ExitCode> {
  const severity = SEVERITIES.find((one) => one === (options.severity ?? 'P1').toUpperCase())
  if (severity === undefined)
    throw new CliError(`"${options.severity}" is no severity.`, 'They are P0, P1 and P2.')
  if (title === '') throw new CliError('What happened?', 'Say it: amphi incident open "Checkout fails".')
  return withEngine(context, async ({ center }) => {
    const project = await configured(context, center, options)
    const draft = { severity, title, text: options.text ?? '', target: options.target ?? null }
    const answer = await dispatch(center, { type: 'incident.open', project: project.id, incident: draft })
    if (context.out.json)
      await context.out.object({ ok: true, project: project.id, incident: answer.incident })
    else await context.out.line(`${answer.incident} opened`)
    return EXIT.done
  })
}

type Doing = Exclude<Verb, 'list' | 'show' | 'report' | 'open' | 'hook'>

async function act(
  context: Context,
  verb: Doing,
  id: string,
  words: string,
  options: IncidentOptions,
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    await dispatch(center, commandOf(verb, project, id, words, options))
    if (context.out.json) await context.out.object({ ok: true, project: project.id, incident: id })
    else await context.out.line(`${id}: ${DONE[verb]}`)
    return EXIT.done
  })
}

/** With a look at the repository, which the engine alone does not take: so the branch goes back, too. */
async function goBack(context: Context, id: string, { project, point }: IncidentOptions): Promise<ExitCode> {
  const { rollback } = await import('./rollback.ts')
  return rollback(context, {
    incident: id,
    yes: true,
    ...(project === undefined ? {} : { project }),
    ...(point === undefined ? {} : { to: point }),
  })
}

const DONE: Readonly<Record<Doing, string>> = {
  ack: 'acknowledged',
  command: 'you are in command',
  comment: 'noted',
  merge: 'merged',
  decide: 'decided',
  close: 'closed',
  review: 'noted',
}

function commandOf(
  verb: Doing,
  { id: project }: ProjectRecord,
  incident: string,
  words: string,
  options: IncidentOptions,
): ClientCommand {
  const base = { project, incident }
  switch (verb) {
    case 'ack':
      return { type: 'incident.acknowledge', ...base }
    case 'command':
      return { type: 'incident.command', ...base }
    case 'comment':
      return { type: 'incident.comment', ...base, text: given(words, 'comment i1 "the cache is cold"') }
    case 'merge':
      return { type: 'incident.merge', ...base, into: idOf(words, 'merge i2 into') }
    case 'decide': {
      const choice = given(words, 'decide i1 rollback')
      return {
        type: 'incident.decide',
        ...base,
        choice,
        ...(options.point === undefined ? {} : { point: options.point }),
      }
    }
    case 'close':
      return { type: 'incident.close', ...base, reason: words }
    case 'review': {
      const { cause: rootCause, impact, prevention, done } = options
      const known = Object.entries({ rootCause, impact, prevention, done }).filter(
        ([, one]) => one !== undefined,
      )
      return { type: 'incident.review', ...base, ...Object.fromEntries(known) }
    }
  }
}

function given(words: string, example: string): string {
  if (words !== '') return words
  throw new CliError('Something is missing.', `Write for example: amphi incident ${example}.`)
}

/** The project, with what its file says now of incidents. */
async function configured(
  context: Context,
  center: ControlCenter,
  { project: option }: IncidentOptions,
): Promise<ProjectRecord> {
  const project = await ensureProject(context, center, option)
  const loaded = loadOrPreset(context, project.root)
  const runner = await chooseRunner(loaded.project.runner, lookIn((await center.health()).runners))
  await dispatch(center, configuration(project.id, loaded.project, runner))
  return project
}

/** Where alerts go, and with which token. */
async function hook(context: Context, options: IncidentOptions): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = await configured(context, center, options)
    const { hookToken } = await import('../../api/hooks/hookTokens.ts')
    const { SIGNATURE, TIMESTAMP } = await import('../../api/hooks/headers.ts')
    const token = hookToken(context.dataDir, project.id)
    const paths = {
      alertmanager: '/hooks/alertmanager',
      grafana: '/hooks/grafana',
      signed: `/hooks/grafana/${project.id}`,
    }
    if (context.out.json) {
      const signing = { signatureHeader: SIGNATURE, timestampHeader: TIMESTAMP }
      await context.out.object({ project: project.id, token, ...paths, ...signing, maxAlerts: MOST_ALERTS })
      return EXIT.done
    }
    for (const line of [
      `Alertmanager  POST ${paths.alertmanager}, max_alerts: ${MOST_ALERTS}`,
      `Grafana       POST ${paths.grafana}, Max Alerts ${MOST_ALERTS}`,
      `Token         ${token}`,
      '              as Authorization: Bearer, at the address of `amphi serve`',
      `or signed     POST ${paths.signed}, without Authorization; in Grafana's "HMAC Signature":`,
      `              Secret: the token; Header: ${SIGNATURE}; Timestamp Header: ${TIMESTAMP}`,
    ])
      await context.out.line(line)
    return EXIT.done
  })
}
