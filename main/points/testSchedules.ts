import { testPlan } from '../domain/points/decidePoints.ts'
import { lastGoodPoint } from '../domain/points/keeping.ts'
import { testScheduleName } from '../domain/points/restoreTests.ts'
import type { ScheduleSpec } from '../domain/schedules/schedule.ts'
import type { ProjectRecord } from '../domain/state.ts'
import type { TargetSpec } from '../domain/targets/target.ts'
import type { ScheduleSource } from '../engine/ports/scheduleSource.ts'

/** Restore tests by the clock: of the last good point of each target whose policy names times. */
export function testSchedules(): ScheduleSource {
  return {
    name: 'points',
    schedules: ({ points, targets }) =>
      Promise.resolve({
        ok: true,
        specs: Object.values(targets).flatMap(({ spec }) =>
          lastGoodPoint(points, spec.name) === undefined ? [] : scheduleOf(spec),
        ),
      }),
    plan: (project, name) => Promise.resolve(planned(project, name)),
  }
}

function scheduleOf({ name, points }: TargetSpec): readonly ScheduleSpec[] {
  const { test, timeZone } = points
  if (test === null) return []
  return [
    {
      name: testScheduleName(name),
      title: `Test the last good point of ${name}`,
      cron: test,
      timeZone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      // One that was due while the program was off says as much later.
      missed: 'run',
      overlap: 'skip',
    },
  ]
}

function planned(project: ProjectRecord, name: string) {
  const target = Object.keys(project.targets).find((one) => testScheduleName(one) === name)
  const point = target === undefined ? undefined : lastGoodPoint(project.points, target)
  const plan = point === undefined ? undefined : testPlan(project, point)
  if (plan === undefined)
    return {
      ok: false,
      detail: 'there is no good point to test',
      remedy: 'Make one: amphi points make.',
    } as const
  return { ok: true, runner: 'target', plan } as const
}
