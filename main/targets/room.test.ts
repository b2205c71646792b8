import { expect, it } from 'vitest'
import { isFull, whenRoom } from './room.ts'

const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })

it('writes as soon as there is room', async () => {
  let tries = 0
  const write = (): void => {
    if (++tries < 3) throw full
  }
  expect(await whenRoom(new AbortController().signal, write)).toBe(true)
  expect(tries).toBe(3)
})

it('leaves it to the next program when this one ends before', async () => {
  const closing = new AbortController()
  const waiting = whenRoom(closing.signal, () => {
    throw full
  })
  closing.abort()
  expect(await waiting).toBe(false)
})

it('hides no other fault', async () => {
  const broken = (): void => {
    throw new Error('read-only')
  }
  await expect(whenRoom(new AbortController().signal, broken)).rejects.toThrow('read-only')
  expect([isFull(full), isFull(new Error('x')), isFull(null)]).toEqual([true, false, false])
})
