import type { State } from '../../domain/state.ts'
import { dispatchAndWait, sentence, theRun, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownRun } from '../references.ts'
import { visible } from '../view/text.ts'

/** `amphi apply`, `amphi discard`, `amphi diff`: what becomes of a run's work. */

export async function apply(context: Context, reference: string): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const run = await theRun(center, reference)
    let applied: { branch: string; commit: string } | undefined
    await dispatchAndWait(center, { type: 'run.apply', run: run.id }, (state, event) => {
      if (event?.run === run.id && event.data.type === 'run.apply-refused') {
        throw new CliError(sentence(event.data.reason), event.data.remedy, EXIT.needsPerson)
      }
      if (event?.run === run.id && event.data.type === 'run.applied') applied = event.data
      return delivery(state, run) === 'applied'
    })
    const where = applied === undefined ? '' : ` to ${applied.branch} (${applied.commit.slice(0, 12)})`
    if (context.out.json) {
      await context.out.object({
        ok: true,
        run: run.id,
        branch: applied?.branch ?? null,
        commit: applied?.commit ?? null,
      })
    } else await context.out.line(`${run.epic}#${run.number} applied${where}`)
    return EXIT.done
  })
}

export async function discard(context: Context, reference: string): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const run = await theRun(center, reference)
    const command = { type: 'run.discard', run: run.id } as const
    await dispatchAndWait(center, command, (state) => delivery(state, run) === 'discarded')
    if (context.out.json) await context.out.object({ ok: true, run: run.id })
    else await context.out.line(`${run.epic}#${run.number} discarded`)
    return EXIT.done
  })
}

function delivery(state: State, run: KnownRun): string | undefined {
  return state.runs.get(run.id)?.delivery
}

export async function diff(context: Context, reference: string): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const run = await theRun(center, reference)
    const text = await center.diff({ project: run.project, run: run.id })
    if (context.out.json) await context.out.object({ run: run.id, diff: text })
    else if (text !== '') {
      // Whoever reads it decides by it: nothing an agent wrote may hide a line. A pipe gets the bytes for `git apply`.
      const shown = context.out.isTty ? visible(text) : text
      await context.out.write(shown.endsWith('\n') ? shown : `${shown}\n`)
    } else context.out.note(`${run.epic}#${run.number} changes nothing.`)
    return EXIT.done
  })
}
