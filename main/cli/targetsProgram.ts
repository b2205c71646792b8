import { type Add, projectOption } from './adding.ts'

/** `amphi targets …`. What they do is loaded when they are called. */
export function addTargets(group: (name: string, about: string) => Add): void {
  const targets = group('targets', 'places releases go to')
  targets<{ readonly project?: string }>(
    'list',
    'list the targets of a project: what is released there, since when, and how it is now',
    'amphi targets list',
    async (context, options) => (await import('./commands/targets.ts')).list(context, options),
  )
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nJSON, one object a target: what is on record, and "now": what was seen there just now.',
    )
  targets<{ readonly project?: string }>(
    'show <target>',
    'show a target: its releases, its containers, its address, and how it is now',
    'amphi targets show staging',
    async (context, options, args) =>
      (await import('./commands/targets.ts')).show(context, args[0]!, options),
  ).addOption(projectOption())
  targets<{ readonly project?: string; readonly withData?: boolean; readonly yes?: boolean }>(
    'remove <target>',
    'take a target down: stop and remove what runs there, then take it out of the records; its data are kept',
    'amphi targets remove staging',
    async (context, options, args) =>
      (await import('./commands/targets.ts')).remove(context, args[0]!, options),
  )
    .option('--with-data', 'its data go, too; a rollback point is made of them before')
    .option('--yes', 'do not ask')
    .addOption(projectOption())
  targets<{ readonly project?: string; readonly anyway?: boolean }>(
    'forget <target>',
    'take a target out of the records; refused while something is released there or somebody is at work on it',
    'amphi targets forget staging',
    async (context, options, args) =>
      (await import('./commands/targets.ts')).forget(context, args[0]!, options),
  )
    .option('--anyway', 'though something is released there: it is left as it is')
    .addOption(projectOption())
}
