import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { handProcesses, processRef } from './handProcesses.ts'

test('a process is known while it lives, and signalled only as the very one', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const ref = processRef(child.pid!)!
  const processes = handProcesses()
  expect(processes.isAlive(ref)).toBe(true)
  // The same number in another life of the machine, or given out again, is somebody else.
  for (const other of [
    { ...ref, boot: 'another' },
    { ...ref, start: '1' },
  ]) {
    expect(processes.isAlive(other)).toBe(process.platform !== 'linux' && other.boot === 'another')
    if (process.platform === 'linux') processes.signal(other, 'SIGKILL')
  }
  expect(processes.isAlive(ref)).toBe(true)
  processes.signal(ref, 'SIGTERM')
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
  expect(processes.isAlive(ref)).toBe(false)
  processes.signal(ref, 'SIGTERM')
})

test('where there is no process there is nothing to name', () => {
  expect(processRef(2 ** 22 + 1)).toBeUndefined()
})
