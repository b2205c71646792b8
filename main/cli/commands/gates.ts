import type { ClientCommand } from '../../domain/commands.ts'
import { formatDuration } from '../../domain/duration.ts'
import { personOf } from '../../domain/gates/approving.ts'
import { findGate } from '../../domain/gates/decideGates.ts'
import type { ResultState } from '../../domain/gates/gate.ts'
import type { GateState } from '../../domain/gates/gateRecord.ts'
import { type ConditionView, type GateView, gateView, gateViews } from '../../domain/gates/gateViews.ts'
import { commitId, type RunId } from '../../domain/ids.ts'
import type { Run } from '../../domain/state.ts'
import type { Mark } from '../../domain/status.ts'
import { theRun, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { runName } from '../describe.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownRun } from '../references.ts'
import { table } from '../view/table.ts'
import { plain } from '../view/text.ts'
import { actAndCarryOn } from './taskVerbs.ts'

export interface DecideOptions {
  readonly why?: string
  readonly condition?: number
  /** Only if it is about this commit. */
  readonly commit?: string
}

type Named = readonly [run: string, gate: string]

/** `amphi gate list [RUN]` */
export async function list(context: Context, reference: string | undefined): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const run = liveOf(await theRun(center, reference))
    const views = gateViews(run)
    const { out } = context
    if (out.json) for (const view of views) await out.object(jsonOf(run, view))
    else if (views.length === 0) await out.line(`No gate stands in ${runName(run)}.`)
    else {
      const rows = views.map((view) => rowOf(context, view))
      for (const line of table(COLUMNS, rows, out.style, out.columns())) await out.line(line)
    }
    return EXIT.done
  })
}

/** `amphi gate show RUN GATE` */
export async function show(context: Context, reference: string, gate: string): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const run = liveOf(await theRun(center, reference))
    const view = theGate(run, gate)
    const { out } = context
    if (out.json) await out.object(jsonOf(run, view))
    else for (const line of linesOf(context, view)) await out.line(line)
    return EXIT.done
  })
}

/** `amphi gate approve|reject RUN GATE` */
export async function decide(
  context: Context,
  verb: 'approve' | 'reject',
  named: Named,
  { why = '', condition, commit }: DecideOptions,
): Promise<ExitCode> {
  const told = `gate ${named[1]}: ${verb === 'approve' ? 'approved' : 'rejected'}`
  return act(context, named, told, (run, gate) => ({
    type: 'gate.approve',
    run,
    gate,
    yes: verb === 'approve',
    ...(commit === undefined ? {} : { commit: commitId(commit) }),
    condition: condition === undefined ? null : condition - 1,
    why,
  }))
}

/** `amphi gate evaluate RUN GATE` */
export async function evaluate(context: Context, named: Named): Promise<ExitCode> {
  return act(context, named, `gate ${named[1]}: looked at again`, (run, gate) => ({
    type: 'gate.evaluate',
    run,
    gate,
  }))
}

/** `amphi gate skip RUN GATE --why TEXT` */
export async function skip(context: Context, named: Named, why: string): Promise<ExitCode> {
  return act(context, named, `gate ${named[1]}: let pass`, (run, gate) => ({
    type: 'gate.skip',
    run,
    gate,
    why,
  }))
}

async function act(
  context: Context,
  [reference, gate]: Named,
  told: string,
  command: (run: RunId, gate: string) => ClientCommand & { readonly run: RunId },
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const run = await theRun(session.center, reference)
    return actAndCarryOn(context, session, command(run.id, gate), told)
  })
}

function liveOf({ live, epic, number, id }: KnownRun): Run {
  if (live !== undefined) return live
  throw new CliError(
    `${epic}#${number} is over and its gates are not at hand any more.`,
    `"amphi events --run ${id}" has what happened at them.`,
  )
}

function theGate(run: Run, reference: string): GateView {
  const record = findGate(run, reference)
  const coming = gateViews(run).find(({ spec }) => spec.name === reference)
  const view = record === undefined ? coming : gateView(run, record.id)
  if (view !== undefined) return view
  const names = [...new Set(gateViews(run).map(({ spec }) => spec.name))]
  const known = names.length === 0 ? 'None stands there.' : `There are: ${names.join(', ')}.`
  throw new CliError(`${runName(run)} has no gate "${reference}".`, known)
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'GATE', shrinks: true },
  { title: 'AT', shrinks: true },
  { title: 'STATE' },
  { title: 'FOR', right: true },
  { title: 'WHY', shrinks: 'first' },
] as const

const MARKS: Readonly<Record<GateState, Mark>> = {
  evaluating: 'running',
  waiting: 'needs-you',
  passed: 'done',
  failed: 'failed',
  skipped: 'done',
  void: 'waiting',
}
const RESULT_MARKS: Readonly<Record<ResultState, Mark>> = {
  passed: 'done',
  failed: 'failed',
  error: 'failed',
  waiting: 'needs-you',
}

function rowOf({ out }: Context, view: GateView): readonly string[] {
  const { record, spec, place, conditions } = view
  const mark = record === null ? 'waiting' : MARKS[record.state]
  const isOpen = record?.state === 'evaluating' || record?.state === 'waiting'
  const time = isOpen ? formatDuration(Math.max(0, Date.now() - record.since)) : ''
  const bad = conditions.find(({ result }) => result !== null && result.state !== 'passed')
  const why = record?.trouble?.error ?? record?.skipped?.why ?? bad?.result?.measured ?? ''
  const state = `${out.style.glyph(mark)} ${record?.state ?? 'coming'}`
  return [record?.id ?? '', plain(spec.name), plain(place), state, time, plain(why)]
}

function linesOf(context: Context, view: GateView): readonly string[] {
  const { spec, place, record } = view
  const { style } = context.out
  const mark = record === null ? 'waiting' : MARKS[record.state]
  const lines = [
    `${style.glyph(mark)} ${plain(spec.title)} (${plain(spec.name)}) at ${plain(place)}: ${record?.state ?? 'coming'}`,
  ]
  if (record?.commit != null) lines.push(`  commit ${record.commit}`)
  if (record?.trouble != null)
    lines.push(`  held up: ${plain(record.trouble.error)} ${plain(record.trouble.remedy)}`)
  if (record?.skipped != null)
    lines.push(
      `  let pass by ${plain(personOf(record.skipped.by) ?? record.skipped.by)}: ${plain(record.skipped.why)}`,
    )
  view.conditions.forEach((condition, i) => {
    lines.push(...conditionLines(context, condition, i + 1))
  })
  return lines
}

function conditionLines(
  { out }: Context,
  { text, wanted, result }: ConditionView,
  number: number,
): readonly string[] {
  const glyph = out.style.glyph(result === null ? 'waiting' : RESULT_MARKS[result.state])
  const evidence = (result?.evidence ?? '').split('\n').filter((line) => line !== '')
  return [
    `  ${number}. ${glyph} ${plain(text)}`,
    ...(result === null ? [] : [`     measured: ${plain(result.measured)}`]),
    `     wanted:   ${plain(wanted)}`,
    ...evidence.map((line) => `       ${plain(line)}`),
    ...(result?.reports ?? []).map(
      ({ path, hash, bytes }) => `     read: ${plain(path)} (${bytes} bytes, sha256 ${hash.slice(0, 12)}…)`,
    ),
  ]
}

function jsonOf(run: Run, { spec, place, record, conditions }: GateView): object {
  return {
    run: run.id,
    id: record?.id ?? null,
    gate: spec.name,
    title: spec.title,
    place,
    state: record?.state ?? 'coming',
    rounds: record?.rounds ?? 0,
    since: record?.since ?? null,
    commit: record?.commit ?? null,
    trouble: record?.trouble ?? null,
    skipped: record?.skipped ?? null,
    conditions: conditions.map(({ text, wanted, result, approvals }) => ({
      text,
      wanted,
      state: result?.state ?? null,
      measured: result?.measured ?? null,
      evidence: result?.evidence ?? null,
      reports: result?.reports ?? [],
      approvals: approvals.map(({ by, at, yes, why }) => ({ by, at, yes, why })),
    })),
  }
}
