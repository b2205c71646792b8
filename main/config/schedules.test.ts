import { describe, expect, it } from 'vitest'
import { planForEpic } from './planFor.ts'
import { load, problemsOf, withTask } from './testing.ts'

const withSchedules = (schedules: string): string =>
  `${withTask('writes: [src]')}schedules:\n  nightly: ${schedules}\n`

describe('what is run by the clock', () => {
  it('is an epic of the file', () => {
    const [schedule] = load(withSchedules('{epic: ship, cron: "0 2 * * *"}')).schedules
    expect(schedule!.spec).toEqual({
      name: 'nightly',
      title: 'ship',
      cron: '0 2 * * *',
      timeZone: 'UTC',
      missed: 'skip',
      overlap: 'skip',
    })
    expect(schedule!.epic.tasks.map(({ id }) => id)).toEqual(['a'])
  })

  it('or one task by itself, with all that a task may say', () => {
    const project = load(
      withSchedules(
        '{title: Clean up, task: {agent: BuildMaster, run: "rm -rf tmp", env: {V: 1.10}, timeout: 2 min}, cron: "@daily", time_zone: Europe/Berlin, missed: run, overlap: queue}',
      ),
    )
    const [{ spec, epic }] = project.schedules as [(typeof project.schedules)[0]]
    expect(spec).toMatchObject({
      title: 'Clean up',
      timeZone: 'Europe/Berlin',
      missed: 'run',
      overlap: 'queue',
    })
    expect(planForEpic(project, epic)).toMatchObject({
      epic: 'nightly',
      tasks: [{ id: 'nightly', role: 'BuildMaster', env: { V: '1.10' }, timeoutMs: 120_000, phase: 0 }],
    })
  })

  it.each([
    ['{cron: "0 2 * * *"}', 'a schedule has an "epic" or a "task"; this one has neither'],
    ['{epic: ship, task: {run: x}, cron: "0 2 * * *"}', 'this one has both'],
    ['{epic: shop, cron: "0 2 * * *"}', 'unknown epic "shop"; there are: ship (did you mean "ship"?)'],
    ['{epic: ship, cron: "0 25 * * *"}', '"0 25 * * *" is no cron expression of five fields'],
    ['{epic: ship, cron: "0 0 2 * * *"}', 'is no cron expression of five fields'],
    ['{epic: ship, cron: "0 0 30 2 *"}', 'is never due'],
    ['{epic: ship, cron: "@daily", time_zone: Mars}', '"Mars" is no time zone'],
    ['{epic: ship, cron: "@daily", missed: later}', 'missed'],
    ['{task: {agent: Builder, run: x}, cron: "@daily"}', 'Builder'],
    ['{task: {agent: BuildMaster}, cron: "@daily"}', '"run" is missing'],
    ['{epic: ship, cron: "@daily", crom: 1}', 'unknown key "crom"'],
  ])('%s is told what is wrong', (schedule, problem) => {
    expect(problemsOf(withSchedules(schedule)).join('\n')).toContain(problem)
  })
})
