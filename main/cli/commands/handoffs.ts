import { formatDuration } from '../../domain/duration.ts'
import type { Mark } from '../../domain/status.ts'
import type { Handoff, HandoffState } from '../../domain/talk/handoff.ts'
import { handoffMarkdown } from '../../domain/talk/handoffMarkdown.ts'
import { dispatch, theRun, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { readTalk } from '../talk/talkLog.ts'
import { table } from '../view/table.ts'
import { plain, visible } from '../view/text.ts'

export interface HandoffsOptions {
  readonly transfer?: boolean
  readonly withdraw?: boolean
}

const ID = /^h\d+$/

/** `amphi handoffs [RUN] [ID]`: the board, one of them as Markdown, or a decision about one. */
export async function handoffs(
  context: Context,
  args: readonly string[],
  options: HandoffsOptions,
): Promise<ExitCode> {
  const [reference, id] = args.length === 1 && ID.test(args[0]!) ? [undefined, args[0]] : args
  const choice = choiceOf(options)
  if (choice === undefined) return look(context, reference, id)
  if (id === undefined)
    throw new CliError(`--${choice} needs the hand-off: amphi handoffs latest h1 --${choice}`)
  return withEngine(context, async ({ center }) => {
    const run = await theRun(center, reference)
    await dispatch(center, { type: 'handoff.decide', run: run.id, handoff: id, choice })
    if (context.out.json) await context.out.object({ ok: true, run: run.id, handoff: id, choice })
    else await context.out.line(`${id} ${choice === 'transfer' ? 'transferred' : 'withdrawn'}`)
    return EXIT.done
  })
}

function choiceOf({ transfer, withdraw }: HandoffsOptions): 'transfer' | 'withdraw' | undefined {
  if (transfer === true && withdraw === true)
    throw new CliError('A hand-off is transferred or withdrawn, not both.')
  if (transfer === true) return 'transfer'
  return withdraw === true ? 'withdraw' : undefined
}

async function look(
  context: Context,
  reference: string | undefined,
  id: string | undefined,
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const { out } = context
    const run = await theRun(center, reference)
    const { log } = await readTalk(center, run.id)
    const name = (task: number): string => log.name(task)
    const named = (handoff: Handoff) => ({
      ...handoff,
      run: run.id,
      from: name(handoff.from),
      to: name(handoff.to),
    })
    if (id !== undefined) {
      const found = log.handoffs.find((handoff) => handoff.id === id)
      if (found === undefined) throw new CliError(`${run.epic}#${run.number} has no hand-off ${id}.`)
      if (out.json) await out.object(named(found))
      else await out.write(`${visible(markdown(found, name))}\n`)
      return EXIT.done
    }
    if (out.json) for (const handoff of log.handoffs) await out.object(named(handoff))
    else if (log.handoffs.length === 0) await out.line('Nothing was handed off.')
    else
      for (const line of table(
        COLUMNS,
        log.handoffs.map((it) => row(context, it, name)),
        out.style,
        out.columns(),
      ))
        await out.line(line)
    return EXIT.done
  })
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'FROM', shrinks: true },
  { title: 'TO', shrinks: true },
  { title: 'FOR', right: true },
  { title: 'TITLE', shrinks: true },
] as const

const MARKS: Readonly<Record<HandoffState, Mark>> = {
  initiated: 'waiting',
  returned: 'failed',
  transferred: 'running',
  clarifying: 'blocked',
  acknowledged: 'running',
  completed: 'done',
  withdrawn: 'waiting',
}

function row(context: Context, handoff: Handoff, name: (task: number) => string): readonly string[] {
  const { style } = context.out
  const { id, state, overdue, since, document } = handoff
  const mark = overdue ? 'needs-you' : MARKS[state]
  const word = overdue ? `${state}, overdue` : state
  const time =
    state === 'completed' || state === 'withdrawn' ? '' : formatDuration(Math.max(0, Date.now() - since))
  return [
    id,
    `${style.glyph(mark)} ${style.tint(mark, word)}`,
    plain(name(handoff.from)),
    plain(name(handoff.to)),
    time,
    plain(document.title),
  ]
}

/** The framework's template, and below it what became of the hand-off. */
function markdown(handoff: Handoff, name: (task: number) => string): string {
  const { state, overdue, reason, checks, clarifications } = handoff
  const lines = [`### State\n${state}${overdue ? ', overdue' : ''}${reason === null ? '' : `: ${reason}`}`]
  if (checks.length > 0)
    lines.push(
      `### Checks\n${checks.map((it) => `- ${it.name}: ${it.result}${it.detail === '' ? '' : ` (${it.detail})`}`).join('\n')}`,
    )
  if (clarifications.length > 0)
    lines.push(
      `### Clarifications\n${clarifications.map(({ question, answer }) => `- ${question}\n  ${answer ?? '(not answered)'}`).join('\n')}`,
    )
  return [handoffMarkdown(handoff, name).trimEnd(), ...lines].join('\n\n')
}
