import { expect, test } from 'vitest'
import { commandId, projectId } from '../domain/ids.ts'
import { EMPTY_STATE } from '../domain/state.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { Engine } from './engine.ts'
import type { Store } from './ports/store.ts'

/** Two dispatches of one id, the second while the first is at `stage`. */
async function twice(stage: 'asking' | 'committing'): Promise<readonly [unknown, unknown, number]> {
  const memory = openMemoryStore()
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const store: Store = Object.assign(Object.create(memory) as Store, {
    outcome: async (id: Parameters<Store['outcome']>[0]) => {
      const known = await memory.outcome(id)
      if (stage === 'asking') {
        reached.resolve()
        await gate.promise
      }
      return known
    },
    append: async (batch: Parameters<Store['append']>[0]) => {
      if (stage === 'committing') {
        reached.resolve()
        await gate.promise
      }
      await memory.append(batch)
    },
  })
  const scheduling = { now: () => 1, immediate: setImmediate, after: () => () => undefined }
  const engine = new Engine(store, scheduling, EMPTY_STATE, 'e')
  const id = commandId('x')
  const send = (name: string): Promise<unknown> => {
    const command = { type: 'project.register', project: projectId('p'), root: '/r', name } as const
    return engine.dispatch({ id, correlation: id, actor: 'test', command })
  }
  const first = send('one')
  await reached.promise
  const second = send('two')
  await new Promise((resolve) => setImmediate(resolve))
  gate.resolve()
  return [await first, await second, await memory.lastSeq()]
}

test.each(['asking', 'committing'] as const)(
  'a command sent again while the first is %s is carried out once and answered the same',
  async (stage) => {
    expect(await twice(stage)).toEqual([{ ok: true, seq: 1 }, { ok: true, seq: 1 }, 1])
  },
)
