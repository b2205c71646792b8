import { type Add, projectOption } from './adding.ts'

/** How agents and machine are doing, and what is run by the clock. */
export function addHealth(add: Add): void {
  add<{ readonly project?: string }>(
    'health',
    'show how agents and machine are doing, and what was done about it',
    'amphi health',
    async (context, options) => (await import('./commands/health.ts')).health(context, options),
  ).addOption(projectOption())
  add<{ readonly project?: string }>(
    'schedules [verb] [name]',
    'list what is run by the clock; run or skip one: "run NAME", "skip NAME"',
    'amphi schedules run nightly-backup',
    async (context, options, args) =>
      (await import('./commands/schedules.ts')).schedules(context, args[0], args[1], options),
  ).addOption(projectOption())
}
