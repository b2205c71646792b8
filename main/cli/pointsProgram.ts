import { Option } from 'commander'
import { type Add, projectOption } from './adding.ts'

/** `amphi points …` and `amphi rollback`. What they do is loaded when they are called. */
export function addRollback(add: Add, group: (name: string, about: string) => Add): void {
  const points = group('points', 'states that can be gone back to')
  const target = () => new Option('--target <target>', 'only of this target')
  type OfProject = { readonly project?: string }
  points<OfProject & { readonly target?: string }>(
    'list',
    'list them, newest first, with what changed after each',
    'amphi points list --target staging',
    async (context, options) => (await import('./commands/points.ts')).list(context, options),
  )
    .addOption(target())
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nJSON, one object a point: as on record, with "last_good" and what "changed" since the one before.',
    )
  points<OfProject>(
    'show <point>',
    'show what a point holds',
    'amphi points show p14',
    async (context, options, args) => (await import('./commands/points.ts')).show(context, args[0]!, options),
  ).addOption(projectOption())
  points<OfProject>(
    'diff <from> [to]',
    'what changed from one point to another (default: the next of its target), with the commits between them',
    'amphi points diff p12 p14',
    async (context, options, args) =>
      (await import('./commands/pointsDiff.ts')).diff(context, args[0]!, args[1], options),
  )
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nJSON, one object: what "changed", and "commits" as {added, gone, counts}, at most 100 of each; null where they are not kept.',
    )
  points<OfProject & { readonly target?: string; readonly name?: string }>(
    'make',
    'make one now: of a target, or of the repository alone where there is none',
    'amphi points make --target staging --name "before the fair"',
    async (context, options) => (await import('./commands/points.ts')).make(context, options),
  )
    .addOption(new Option('--target <target>', 'of this target'))
    .addOption(new Option('--name <name>', 'what people know it by'))
    .addOption(projectOption())
  points<OfProject>(
    'test <point>',
    'restore it beside the present, compare, and drop it again',
    'amphi points test p14',
    async (context, options, args) => (await import('./commands/points.ts')).test(context, args[0]!, options),
  ).addOption(projectOption())
  const verbs = [
    ['pin', 'keep it until somebody says otherwise'],
    ['unpin', 'keep it as long as the policy says'],
    ['remove', 'remove it and its files, here and where it was copied to'],
  ] as const
  for (const [verb, about] of verbs)
    points<OfProject>(`${verb} <point>`, about, `amphi points ${verb} p14`, async (context, options, args) =>
      (await import('./commands/points.ts')).change(context, verb, args[0]!, options),
    ).addOption(projectOption())
  points<OfProject & { readonly target?: string }>(
    'aside',
    'list databases that rollbacks have put aside, with their sizes',
    'amphi points aside --target staging',
    async (context, options) => (await import('./commands/aside.ts')).list(context, options),
  )
    .addOption(target())
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nJSON, one object a database: "completes" is the point that could not be gone back to whole without it, "outdated" says that the policy drops it with the next point.',
    )
  points<OfProject & { readonly target?: string; readonly anyway?: boolean; readonly yes?: boolean }>(
    'drop-aside <database...>',
    'drop databases that rollbacks have put aside',
    'amphi points drop-aside shop_since_1435',
    async (context, options, args) => (await import('./commands/aside.ts')).drop(context, args, options),
  )
    .addOption(target())
    .option('--anyway', 'also those that a rollback cannot be undone whole without')
    .option('--yes', 'do not ask')
    .addOption(projectOption())
  add<import('./commands/rollback.ts').RollbackOptions>(
    'rollback',
    'go back to a point: code, image and data together',
    'amphi rollback --target staging --plan',
    async (context, options) => (await import('./commands/rollback.ts')).rollback(context, options),
  )
    .addOption(new Option('--target <target>', 'which target (default: the only one, or that of the point)'))
    .addOption(new Option('--to <point>', 'which point (default: the last good one)'))
    .addOption(new Option('--only <parts>', 'some of: database, image, environment, branch; with commas'))
    .addOption(new Option('--why <words>', 'for the record'))
    .addOption(new Option('--incident <id>', 'the incident that it is the remedy of'))
    .option('--plan', 'show what would be done, and do nothing')
    .option('--yes', 'do not ask')
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 it was done and verified; 1 a step failed; 2 it cannot be done; 3 it waits for a person, or nobody said yes.',
    )
}
