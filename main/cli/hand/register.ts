import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { globFault } from '../../config/index.ts'
import { Dependencies } from '../../config/schema/blocks.ts'
import { formatDuration, parseDuration } from '../../domain/duration.ts'
import { type ProjectId, parseAttemptId } from '../../domain/ids.ts'
import { RESOURCE_NAME } from '../../domain/locks/lockWord.ts'
import {
  isAtWork,
  isOver,
  LONGEST_GLOB,
  MOST_DECLARED,
  nameFault,
  type ProcessRef,
  type Registered,
  registeredName,
} from '../../domain/registered/registered.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { plain } from '../view/text.ts'
import { ensureProject, type OfProject } from './here.ts'
import { dirtyIn } from './scan.ts'
import { real, userGit } from './userGit.ts'
import { interruption, waitFor } from './waiting.ts'

/** `amphi agent register`: declares an agent that somebody starts by hand, and waits for its turn. */

export interface RegisterOptions extends OfProject {
  readonly name: string
  readonly files?: readonly string[]
  readonly reads?: readonly string[]
  readonly uses?: readonly string[]
  readonly priority?: string
  readonly after?: readonly string[]
  readonly dependencies?: string
  readonly folder?: string
  readonly pid?: string
  readonly log?: string
  readonly timeout?: string
  /** False with --no-wait. */
  readonly wait: boolean
  /** False with --no-start. */
  readonly start: boolean
}

export async function register(context: Context, options: RegisterOptions): Promise<ExitCode> {
  const declared = await declarationOf(context, options)
  const over = interruption()
  try {
    const { project, agent, state } = await withEngine(context, async (session) => {
      const record = await ensureProject(context, session.center, options.project)
      const answer = await dispatch(session.center, {
        type: 'registered.add',
        project: record.id,
        ...declared,
      })
      const after = await currentState(session.center)
      const agent = answer.agent!
      return { project: record.id, agent, state: after.projects.get(record.id)!.registered[agent]! }
    })
    if (!options.wait || !options.start || hasBegun(state)) return await told(context, state)
    const begun = await untilBegun(context, project, agent, over.signal)
    return begun === undefined ? await withdraw(context, project, agent) : await told(context, begun)
  } finally {
    over.close()
  }
}

function hasBegun(agent: Registered): boolean {
  return isAtWork(agent) || isOver(agent)
}

/** Undefined when it was interrupted. */
async function untilBegun(
  context: Context,
  project: ProjectId,
  agent: string,
  signal: AbortSignal,
): Promise<Registered | undefined> {
  const onState = (it: Registered): void => {
    if (it.state === 'BLOCKED') context.out.note(`${it.id} waits: ${heldBy(it)}.`)
    else if (it.state === 'WAITING' && it.after.length > 0)
      context.out.note(`${it.id} waits for ${it.after.join(', ')}.`)
  }
  const found = await waitFor(context, { project, agent, signal, until: hasBegun, onState })
  return found !== undefined && hasBegun(found) ? found : undefined
}

function heldBy({ behind }: Registered): string {
  const names = behind.map((holder) => parseAttemptId(holder)?.task ?? holder)
  return names.length === 0
    ? 'others come first'
    : `${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'} its files`
}

/** Who goes away before its turn leaves the line. */
async function withdraw(context: Context, project: ProjectId, agent: string): Promise<ExitCode> {
  await withEngine(context, ({ center }) =>
    dispatch(center, { type: 'registered.stop', project, agent, force: true }),
  ).catch(() => undefined)
  context.out.note(`${agent} was withdrawn before it began.`)
  return EXIT.interrupted
}

/** The id alone on standard output, for scripts; how it is on standard error. */
async function told({ out }: Context, agent: Registered): Promise<ExitCode> {
  const { id, name, state, files, folder, detail } = agent
  if (out.json) await out.object({ ok: !isOver(agent), agent: id, name, state, files, folder })
  else await out.line(id)
  if (isOver(agent)) {
    out.note(`amphi: ${plain(registeredName(agent))} was terminated: ${plain(detail)}.`)
    return EXIT.failed
  }
  if (!out.json)
    out.note(`${plain(registeredName(agent))} is ${state}${state === 'BLOCKED' ? `: ${heldBy(agent)}` : ''}.`)
  return EXIT.done
}

async function declarationOf(context: Context, options: RegisterOptions) {
  const { name, start } = options
  const fault = nameFault(name)
  if (fault !== undefined) throw new CliError(`--name: ${fault}.`)
  const files = globs('--files', options.files)
  const reads = globs('--reads', options.reads)
  const seed = options.dependencies === undefined ? undefined : dependenciesIn(context, options.dependencies)
  const folder = folderOf(context, options.folder)
  return {
    name,
    files,
    reads,
    uses: resources(options.uses),
    priority: priorityOf(options.priority),
    after: [...(options.after ?? []), ...(seed?.dependencies ?? [])],
    waits: seed?.wait_for_completion ?? true,
    start,
    session: null,
    folder,
    process: await processOf(options.pid),
    log: options.log === undefined ? null : resolve(context.cwd, options.log),
    dirty: dirtyIn(context, folder),
    limitMs: limitOf(options.timeout),
  }
}

/** Where it works: the checkout around the folder, since its paths count from there. */
export function folderOf(context: Context, folder: string | undefined): string {
  const at = real(resolve(context.cwd, folder ?? '.'))
  if (statSync(at, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CliError(`There is no folder ${at}.`)
  return userGit(at, context.env)?.top ?? at
}

function globs(option: string, given: readonly string[] = []): string[] {
  const long = given.find((glob) => glob.length > LONGEST_GLOB)
  const fault =
    long === undefined
      ? given.map(globFault).find((why) => why !== undefined)
      : `a glob of ${long.length} letters is too long: ${LONGEST_GLOB} are the most`
  if (fault !== undefined)
    throw new CliError(`${option}: ${fault}.`, 'Globs count from the root of the repository.')
  return fewEnough(option, given, 'Write wider globs, such as src/**.')
}

function resources(given: readonly string[] = []): string[] {
  const strange = given.find((name) => !RESOURCE_NAME.test(name))
  if (strange !== undefined)
    throw new CliError(
      `--uses: ${JSON.stringify(strange)} is not a resource.`,
      'Write for example database_schema or port:5432.',
    )
  return fewEnough('--uses', given, 'Give several of them one name.')
}

function fewEnough(option: string, given: readonly string[], remedy: string): string[] {
  if (given.length <= MOST_DECLARED) return [...given]
  throw new CliError(`${option}: ${given.length} are too many: ${MOST_DECLARED} are the most.`, remedy)
}

export function priorityOf(text: string | undefined): number {
  if (text === undefined) return 3
  if (/^[1-5]$/.test(text)) return Number(text)
  throw new CliError(`--priority is a number from 1 (first) to 5, not "${text}".`)
}

function limitOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const parsed = parseDuration(text)
  if (parsed.ok && parsed.ms > 0) return parsed.ms
  throw new CliError(`--timeout: ${parsed.ok ? 'it must be longer than 0' : parsed.reason}.`)
}

export async function processOf(text: string | undefined): Promise<ProcessRef | null> {
  if (text === undefined) return null
  const { processRef } = await import('../../machine.ts')
  const found = /^[1-9]\d{0,9}$/.test(text) ? processRef(Number(text)) : undefined
  if (found !== undefined) return { ...found }
  throw new CliError(
    `--pid: there is no process ${text}.`,
    'Give the number of a process that runs, such as $$ or $!.',
  )
}

/** The seed's way to say it: {"dependencies": ["agent-1-database"], "wait_for_completion": true}. */
function dependenciesIn(context: Context, file: string) {
  const path = resolve(context.cwd, file)
  try {
    const parsed = Dependencies.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (parsed.success) return parsed.data
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}.`)
  }
  throw new CliError(
    `${path} does not say what an agent comes after.`,
    'Write for example {"dependencies": ["agent-1"], "wait_for_completion": true}.',
  )
}

/** How long for, in words; for tables. */
export function since(time: number | null, until = Date.now()): string {
  return time === null ? '' : formatDuration(Math.max(0, until - time))
}
