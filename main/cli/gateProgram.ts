import { InvalidArgumentError, Option } from 'commander'
import { type Add, RUN_HELP, wholeNumber } from './adding.ts'

/** The commands about what stands before merges, the ends of phases and deployments. */

const GATE_HELP = `GATE is its name, or its id such as g3 where one name stands at several places.\n${RUN_HELP}`
const whyOption = () => new Option('--why <text>', 'the reason, for the record')
const conditionOption = () =>
  new Option(
    '--condition <number>',
    'only this one, as "amphi gate show" numbers them (default: all you decide about)',
  ).argParser(wholeNumber)

const commitOption = () =>
  new Option(
    '--commit <hash>',
    'only if it is about this commit still, as "amphi gate show" told it (default: whatever it is about)',
  ).argParser(wholeCommit)

function wholeCommit(text: string): string {
  if (/^[0-9a-f]{40,64}$/.test(text)) return text
  throw new InvalidArgumentError('It has to be the whole hash.')
}

const GATE_JSON = `
JSON, one object a gate: run, id (null until its turn has come), gate, title, place, state (evaluating, waiting, passed,
failed, skipped, void, coming), rounds, since (ms since 1970), commit, trouble, skipped (by, at, why), conditions (text,
wanted, state, measured, evidence, reports (path, hash: SHA-256, bytes), approvals (by, at, yes, why)).`

export function addGates(add: Add): void {
  add<object>('list [run]', 'list the gates of a run', 'amphi gate list ship#3', async (context, _, args) =>
    (await import('./commands/gates.ts')).list(context, args[0]),
  ).addHelpText('after', `\n${RUN_HELP}\n${GATE_JSON}`)
  add<object>(
    'show <run> <gate>',
    'show what was measured, what is wanted, and what that rests on',
    'amphi gate show latest tests',
    async (context, _, args) => (await import('./commands/gates.ts')).show(context, args[0]!, args[1]!),
  ).addHelpText('after', `\n${GATE_HELP}\n${GATE_JSON}`)
  const decisions = [
    ['approve', 'say yes to what waits for approval'],
    ['reject', 'say no to what waits for approval'],
  ] as const
  for (const [verb, about] of decisions) {
    add<import('./commands/gates.ts').DecideOptions>(
      `${verb} <run> <gate>`,
      about,
      `amphi gate ${verb} latest release --why "${verb === 'approve' ? 'tried it on staging' : 'not this week'}"`,
      async (context, options, args) =>
        (await import('./commands/gates.ts')).decide(context, verb, [args[0]!, args[1]!], options),
    )
      .addOption(whyOption())
      .addOption(conditionOption())
      .addOption(commitOption())
      .addHelpText('after', `\n${GATE_HELP}`)
  }
  add<object>(
    'evaluate <run> <gate>',
    'look again, after it failed or while it waits',
    'amphi gate evaluate latest tests',
    async (context, _, args) => (await import('./commands/gates.ts')).evaluate(context, [args[0]!, args[1]!]),
  ).addHelpText('after', `\n${GATE_HELP}`)
  add<{ readonly why: string }>(
    'skip <run> <gate>',
    'let it pass unmet, where its "may_skip" names you; the reason stays on record',
    'amphi gate skip latest tests --why "the scanner is down, checked by hand"',
    async (context, options, args) =>
      (await import('./commands/gates.ts')).skip(context, [args[0]!, args[1]!], options.why),
  )
    .addOption(whyOption().makeOptionMandatory())
    .addHelpText('after', `\n${GATE_HELP}`)
}
