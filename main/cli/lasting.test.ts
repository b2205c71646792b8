import { expect, test } from 'vitest'
import { EngineGoneError } from '../api/localClient.ts'
import { projectId } from '../domain/ids.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { lasting } from './lasting.ts'
import type { Session } from './session.ts'

const RESET = { type: 'registered.reset', project: projectId('p') } as const

function sessions(...centers: Partial<ControlCenter>[]) {
  const closed: number[] = []
  let opened = 0
  const open = (): Session => {
    const pid = opened++
    const center = centers[pid] as ControlCenter
    return { center, host: undefined, pid, close: async () => void closed.push(pid) }
  }
  return { closed, session: lasting(open(), async () => open()) }
}

const gone = () => Promise.reject(new EngineGoneError())

test('calls go on with the next engine; what was sent is sent again under its name', async () => {
  const ids: unknown[] = []
  const { session, closed } = sessions(
    {
      tasks: gone,
      dispatch: ({ id }) => {
        ids.push(id)
        return gone()
      },
    },
    {
      tasks: async () => [],
      dispatch: async ({ id }) => {
        ids.push(id)
        return { ok: true, seq: 1 }
      },
    },
  )
  const both = [session.center.dispatch({ command: RESET }), session.center.tasks('r' as never)]
  expect(await Promise.all(both)).toEqual([{ ok: true, seq: 1 }, []])
  expect(ids).toEqual([expect.any(String), ids[0]])
  expect([session.pid, closed]).toEqual([1, [0]])
  await session.close()
  expect(closed).toEqual([0, 1])
})

test('what an engine answers is no reason to look for another', async () => {
  const { session } = sessions({ usage: () => Promise.reject(new Error('no')) })
  await expect(session.center.usage()).rejects.toThrow('no')
  expect(session.pid).toBe(0)
})

test('engines that all end at once are told of', async () => {
  const { session } = sessions(...Array.from({ length: 40 }, () => ({ usage: gone })))
  await expect(session.center.usage()).rejects.toThrow('The engine has stopped')
})
