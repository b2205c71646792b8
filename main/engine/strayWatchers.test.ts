import { expect, it, vi } from 'vitest'
import type { EventEnvelope } from '../domain/events.ts'
import { runId } from '../domain/ids.ts'
import { Driver, PROJECT, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { at, cut, prepared, started } from '../domain/testing/steps.ts'
import type { WatchRequest } from './ports/strays.ts'
import { StrayWatchers } from './strayWatchers.ts'
import type { World } from './world.ts'

/** Two at work, each watched; how often each was looked at again, and what it may write now. */
function atWork() {
  const driver = Driver.running(
    tasks(['a', 'b'], {
      all: { workspace: 'repo' },
      with: { a: { writes: ['docs/**'] }, b: { writes: ['src/**'] } },
    }),
  )
  driver.must(prepared())
  const requests = new Map<string, WatchRequest>()
  const again = vi.fn<(attempt: string) => void>()
  const world = {
    engine: {
      get state() {
        return driver.state
      },
    },
    log: (line: string) => expect.unreachable(line),
    workspaces: {
      watch: (request: WatchRequest) => {
        requests.set(request.attempt, request)
        return Promise.resolve({ again: () => again(request.attempt), close: () => undefined })
      },
    },
  }
  const watchers = new StrayWatchers(world as unknown as World)
  const told = (command: Parameters<Driver['must']>[0]): void => {
    const from = driver.log.length
    driver.must(command)
    watchers.published(driver.log.slice(from) as readonly EventEnvelope[], driver.state)
  }
  for (const task of ['a', 'b']) {
    driver.must(cut(at(driver, task)))
    told(started(at(driver, task)))
  }
  return { driver, told, again, writes: (task: string) => requests.get(`${RUN}/${task}#1`)!.writes() }
}

it('looks again at those who gave files up when they are split, with what they may write since', async () => {
  const { told, again, writes } = atWork()
  const parties = [`${runId(RUN)}/a#1`, `${runId(RUN)}/b#1`]
  const what = { cause: 'predicted', files: ['src/[id].ts'], text: '', evidence: [] } as const
  told({ type: 'report.conflict', project: PROJECT, parties, ...what })
  expect(again).not.toHaveBeenCalled()
  told({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'split', keep: parties[0]! })
  await vi.waitFor(() => expect(again).toHaveBeenCalledWith(parties[1]))
  expect(writes('a')).toEqual(['docs/**'])
  expect(writes('b')).toEqual(['src/**', '!src/\\[id\\].ts'])
})
