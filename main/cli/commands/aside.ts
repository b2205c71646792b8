import { createInterface } from 'node:readline/promises'
import { newRunId } from '../../desk/ids.ts'
import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { AsideSight } from '../../engine/ports/targets.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { supervise } from '../supervise.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'

/** `amphi points aside|drop-aside`: databases that gave their place to restored ones. */
interface Options {
  readonly project?: string
  readonly target?: string
}

interface Found {
  readonly target: string
  /** Null: it cannot be seen. */
  readonly aside: readonly AsideSight[] | null
}

export async function list(context: Context, options: Options): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = theProject(await currentState(center), context.cwd, options.project)
    const found = await look(center, project, options.target)
    if (context.out.json)
      for (const { target, aside } of found)
        for (const one of aside ?? []) await context.out.object({ project: project.id, target, ...one })
    else for (const line of lines(context, found)) await context.out.line(line)
    const unseen = found.filter(({ aside }) => aside === null).map(({ target }) => target)
    for (const target of unseen) context.out.note(`What was put aside at ${target} cannot be seen now.`)
    return EXIT.done
  })
}

async function look(
  center: ControlCenter,
  { id, targets }: ProjectRecord,
  only: string | undefined,
): Promise<readonly Found[]> {
  const names = Object.values(targets)
    .filter(({ spec }) => spec.database !== null && (only === undefined || spec.name === only))
    .map(({ spec }) => spec.name)
  if (only !== undefined && !Object.hasOwn(targets, only))
    throw new CliError(`There is no target "${only}".`, `There are: ${Object.keys(targets).join(', ')}.`)
  return Promise.all(
    names.map(async (target) => {
      const sight = await center.targetSight({ project: id, target, aside: true })
      return { target, aside: sight?.aside ?? null }
    }),
  )
}

function lines(context: Context, found: readonly Found[]): readonly string[] {
  const { style } = context.out
  const rows = found.flatMap(({ target, aside }) => (aside ?? []).map((one) => ({ target, ...one })))
  if (rows.length === 0) return [style.muted('No rollback has put a database aside that is still there.')]
  const columns = [
    { title: 'Database', shrinks: true },
    { title: 'Of', shrinks: true },
    { title: 'Put aside' },
    { title: 'Size' },
    { title: '', shrinks: true },
  ]
  const cells = rows.map(({ name, target, at, bytes, completes, outdated }) => [
    plain(name),
    plain(target),
    at === null ? 'not known when' : `${formatDuration(Math.max(0, Date.now() - at))} ago`,
    formatBytes(bytes),
    completes === null ? (outdated ? 'goes with the next point' : '') : `completes ${completes}`,
  ])
  const bytes = rows.reduce((sum, one) => sum + one.bytes, 0)
  return [...table(columns, cells, style, context.out.columns()), style.muted(`${formatBytes(bytes)} in all`)]
}

export async function drop(
  context: Context,
  names: readonly string[],
  options: Options & { readonly anyway?: boolean; readonly yes?: boolean },
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const { center } = session
    const from = await currentState(center)
    const project = theProject(from, context.cwd, options.project)
    const found = await look(center, project, options.target)
    const of = names.map((name) => ownerOf(found, name))
    const [first] = of
    if (of.some(({ target }) => target !== first!.target))
      throw new CliError('They are of different targets.', 'Drop those of one target at a time.')
    const needed = of.filter(({ one }) => one.completes !== null)
    if (needed.length > 0 && options.anyway !== true)
      throw new CliError(
        needed.map(({ one }) => neededWords(one)).join(' '),
        'Say --anyway if that is not needed any more.',
      )
    if (
      options.yes !== true &&
      !(await confirmed(
        context,
        of.map(({ one }) => one),
      ))
    )
      return EXIT.needsPerson
    const run = newRunId()
    await dispatch(center, {
      type: 'point.drop-aside',
      project: project.id,
      run,
      target: first!.target,
      names: [...names],
      anyway: options.anyway === true,
    })
    return supervise(context, session, { from, runs: new Set([run]) })
  })
}

function ownerOf(
  found: readonly Found[],
  name: string,
): { readonly target: string; readonly one: AsideSight } {
  for (const { target, aside } of found) {
    const one = aside?.find((each) => each.name === name)
    if (one !== undefined) return { target, one }
  }
  const unseen = found.find(({ aside }) => aside === null)
  if (unseen !== undefined)
    throw new CliError(`${unseen.target} cannot be looked at now.`, `amphi targets show ${unseen.target}`)
  throw new CliError(`No rollback has put "${name}" aside.`, '`amphi points aside` lists those there are.')
}

function neededWords({ name, completes }: AsideSight): string {
  return `${name} has what was written after ${completes} was made and before the hold: going back to ${completes} would lack it.`
}

async function confirmed({ out, stdin }: Context, all: readonly AsideSight[]): Promise<boolean> {
  if (!stdin.isTTY || out.json) {
    out.note('Nothing was done: say --yes to drop them without being asked.')
    return false
  }
  for (const one of all) {
    await out.line(plain(`${one.name}, ${formatBytes(one.bytes)}`))
    if (one.completes !== null) await out.line(plain(`  ${neededWords(one)}`))
  }
  const asking = createInterface({ input: stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question('Drop them? [y/N] ')).trim())
  } finally {
    asking.close()
  }
}
