import { CONFLICT_ACTIONS, type Conflict, type ConflictAction } from '../../domain/conflicts/conflict.ts'
import { findRegistered, type Registered } from '../../domain/registered/registered.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState, follow } from '../follow.ts'
import { holderBy, holderName } from '../holderName.ts'
import { isEngineGone } from '../session.ts'
import { plain } from '../view/text.ts'
import { conflictLines, openConflicts } from './conflictLines.ts'
import { knownProject, type OfProject, projectHere } from './here.ts'
import { scanFolders } from './scan.ts'
import { userGit } from './userGit.ts'
import { interruption } from './waiting.ts'

/** `amphi conflicts [--watch]`, `amphi resolve`: who is in whose way, and what becomes of it. */

const SCAN_EVERY_MS = 5_000

export interface ConflictsOptions extends OfProject {
  readonly watch?: boolean
}

/** Exit code 3 while any is open. */
export async function conflicts(context: Context, options: ConflictsOptions): Promise<ExitCode> {
  if (options.watch === true) return watch(context, options)
  return withEngine(context, async ({ center }) => {
    const project = knownProject(context, await currentState(center), options.project)
    const unknown = project === undefined ? [] : await scanFolders(context, center, project)
    const state = await currentState(center)
    const open = project === undefined ? [] : openConflicts(state.projects.get(project.id))
    for (const conflict of open) await tell(context, state, conflict)
    if (context.out.json) return open.length === 0 ? EXIT.done : EXIT.needsPerson
    for (const path of unknown)
      await context.out.line(context.out.style.muted(`Changed, and claimed by nobody: ${plain(path)}`))
    if (open.length === 0) await context.out.line('No conflict is open.')
    return open.length === 0 ? EXIT.done : EXIT.needsPerson
  })
}

async function tell(context: Context, state: State, conflict: Conflict): Promise<void> {
  if (context.out.json) await context.out.object(conflict)
  else for (const line of conflictLines(context, state, conflict)) await context.out.line(line)
}

/** Each as it comes, and how it ended, until Ctrl-C. */
async function watch(context: Context, options: ConflictsOptions): Promise<ExitCode> {
  const over = interruption()
  const told = new Set<string>()
  try {
    while (!over.signal.aborted) {
      try {
        await withEngine(context, ({ center }) => watchIn(context, center, options, told, over.signal))
      } catch (error) {
        if (!isEngineGone(error)) throw error
      }
    }
    return EXIT.interrupted
  } finally {
    over.close()
  }
}

async function watchIn(
  context: Context,
  center: ControlCenter,
  options: ConflictsOptions,
  told: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const first = await currentState(center)
  const { id } = projectHere(context, first, options.project)
  const look = async (state: State): Promise<void> => {
    for (const conflict of state.projects.get(id)!.conflicts) {
      const key = `${conflict.id} ${conflict.files.length} ${conflict.resolution === null}`
      if (told.has(key) || (conflict.resolution !== null && !wasTold(told, conflict))) continue
      told.add(key)
      if (conflict.resolution === null || context.out.json) await tell(context, state, conflict)
      else await context.out.line(`${conflict.id} is settled: ${plain(conflict.resolution.detail)}`)
    }
  }
  await look(first)
  const scan = async (): Promise<void> => {
    const project = (await currentState(center)).projects.get(id)
    if (project !== undefined) await scanFolders(context, center, project)
  }
  // What it finds comes back as events.
  const timer = setInterval(() => void scan().catch(() => undefined), SCAN_EVERY_MS)
  try {
    await follow(center, first, { signal, onEvent: (_, state) => look(state), until: () => false })
  } finally {
    clearInterval(timer)
  }
}

function wasTold(told: ReadonlySet<string>, { id }: Conflict): boolean {
  return [...told].some((key) => key.startsWith(`${id} `))
}

export interface ResolveOptions extends OfProject {
  readonly keep?: string
  readonly terminate?: readonly string[]
  readonly action?: string
}

/** Settles one: by its name, or by who goes on and who does not. */
export async function resolve(
  context: Context,
  name: string | undefined,
  options: ResolveOptions,
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const state = await currentState(center)
    const project = projectHere(context, state, options.project)
    const conflict = theConflict(state, project, name, options)
    const action = actionOf(options)
    const keep = whoGoesOn(state, project, conflict, options)
    const named = { type: 'conflict.resolve', project: project.id, conflict: conflict.id, action } as const
    await dispatch(center, keep === undefined ? named : { ...named, keep })
    const after = await currentState(center)
    const settled = after.projects.get(project.id)!.conflicts.find(({ id }) => id === conflict.id)
    const markers = verified(context, project, conflict)
    if (context.out.json) await context.out.object({ ok: true, ...settled, markers })
    else {
      await context.out.line(`${conflict.id} is settled: ${plain(settled?.resolution?.detail ?? action)}`)
      for (const line of markers) await context.out.line(`git diff still shows a conflict: ${plain(line)}`)
    }
    return markers.length === 0 ? EXIT.done : EXIT.needsPerson
  })
}

function actionOf({ action, keep, terminate }: ResolveOptions): ConflictAction {
  if (action === undefined) {
    if (keep !== undefined || terminate !== undefined) return 'terminate'
    throw new CliError(
      'What is to be done?',
      `Write --keep ID --terminate ID, or --action and one of: ${CONFLICT_ACTIONS.join(', ')}.`,
    )
  }
  const found = CONFLICT_ACTIONS.find((one) => one === action)
  if (found === undefined)
    throw new CliError(`There is no action "${action}".`, `It is one of: ${CONFLICT_ACTIONS.join(', ')}.`)
  return found
}

function theConflict(
  state: State,
  project: ProjectRecord,
  name: string | undefined,
  { keep, terminate = [] }: ResolveOptions,
): Conflict {
  const open = openConflicts(project)
  if (name !== undefined) {
    const found = open.find(({ id }) => id === name)
    if (found !== undefined) return found
    throw new CliError(`No conflict ${name} is open.`, '`amphi conflicts` shows those that are.')
  }
  const wanted = [...(keep === undefined ? [] : [keep]), ...terminate]
  const found = open.find(({ parties }) =>
    wanted.every((party) => nameIn(state, project, parties, party) !== undefined),
  )
  if (found !== undefined && wanted.length > 0) return found
  const who = wanted.length === 0 ? '' : ` between ${wanted.join(' and ')}`
  throw new CliError(`No conflict${who} is open.`, '`amphi conflicts` shows those that are.')
}

/** What was typed is done to those it names and to nobody else: who is to end never goes on, and the other way round. */
function whoGoesOn(
  state: State,
  project: ProjectRecord,
  { id, parties }: Conflict,
  { keep, terminate, action }: ResolveOptions,
): string | undefined {
  const named = (reference: string): string => {
    const found = nameIn(state, project, parties, reference)
    if (found !== undefined) return found
    const names = parties.map((holder) => holderName(state, holder)).join(' and ')
    throw new CliError(`${reference} has no part in ${id}: it is between ${names}.`)
  }
  const kept = keep === undefined ? undefined : named(keep)
  if (terminate === undefined) return kept
  if (action !== undefined && action !== 'terminate')
    throw new CliError(`--terminate does not go with --action ${action}.`, 'Leave one of them out.')
  const ended = terminate.map(named)
  if (kept !== undefined && ended.includes(kept))
    throw new CliError(`${keep} cannot both go on and be terminated.`)
  const left = parties.filter((holder) => !ended.includes(holder))
  if (left.length === 1) return left[0]
  // Who wrote what nobody holds is in nobody's way but the rules'.
  if (parties.length === 1) return undefined
  const names = left.map((holder) => holderName(state, holder)).join(' and ')
  throw new CliError(
    left.length === 0 ? `Nobody would be left of ${id}.` : `${names} would both go on, and ${id} stay.`,
    'Name one of them with --keep, all others with --terminate.',
  )
}

function nameIn(
  state: State,
  project: ProjectRecord,
  parties: readonly string[],
  reference: string,
): string | undefined {
  const byHand = findRegistered(project.registered, reference)?.id
  return parties.find((holder) => holder === byHand) ?? holderBy(state, parties, reference)
}

/** Marks of a merge that nobody finished, in the folders of those who work by hand. */
function verified(context: Context, { registered }: ProjectRecord, { parties }: Conflict): readonly string[] {
  const agents = parties
    .map((holder) => registered[holder])
    .filter((it): it is Registered => it !== undefined)
  return [...new Set(agents.map(({ folder }) => folder))].flatMap((folder) => {
    const repository = userGit(folder, context.env)
    return repository === undefined ? [] : repository.markers()
  })
}
