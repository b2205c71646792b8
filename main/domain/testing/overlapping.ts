import type { Command } from '../commands.ts'
import type { Conflict, ConflictAction, ConflictCause } from '../conflicts/conflict.ts'
import type { ProjectId } from '../ids.ts'
import { Driver, PROJECT, RUN } from './driver.ts'
import { checkCounts } from './invariants.ts'
import { tasks } from './plan.ts'
import { start } from './steps.ts'

export const HOUR = 3_600_000
export const holder = (task: string, n = 1): string => `${RUN}/${task}#${n}`

/** `a` and `b` are at work; `a` began earlier, or has the better priority. */
export function atWork(
  priorities: Readonly<Record<string, number>> = {},
  more: { hold?: string[] } = {},
): Driver {
  const withPriority = Object.fromEntries(
    ['a', 'b'].map((name) => [name, { priority: priorities[name] ?? 3, retry: 1 }]),
  )
  const driver = Driver.running(
    tasks(['a', 'b', 'c'], { with: withPriority, limits: { maxRuntimeMs: 90 * HOUR } }),
    [
      (_, __, state) => {
        for (const run of state.runs.values()) checkCounts(run)
      },
    ],
  )
  start(driver, 'a')
  driver.advance(1_000)
  start(driver, 'b')
  if (more.hold !== undefined) driver.must(seen('predicted', { hold: more.hold }))
  return driver
}

export function seen(
  cause: ConflictCause,
  more: Partial<Extract<Command, { type: 'report.conflict' }>> = {},
): Extract<Command, { type: 'report.conflict' }> {
  return {
    type: 'report.conflict',
    project: PROJECT,
    cause,
    parties: [holder('b'), holder('a')],
    files: ['src/hops.py'],
    text: 'a and b both modifying src/hops.py',
    evidence: [],
    ...more,
  }
}

export function conflicts(driver: Driver, project: ProjectId = PROJECT): readonly Conflict[] {
  return driver.state.projects.get(project)!.conflicts
}

export function resolve(action: ConflictAction, keep?: string): Command {
  return {
    type: 'conflict.resolve',
    project: PROJECT,
    conflict: 'c1',
    action,
    ...(keep === undefined ? {} : { keep }),
  }
}
